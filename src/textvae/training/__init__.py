"""One encoded corpus and one cell in, one trained model out (paper, sections 2.2 and 3)."""
