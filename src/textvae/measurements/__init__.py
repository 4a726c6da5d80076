"""What a trained model does, in numbers (paper, sections 3.1 and 3.2, Table 1)."""
