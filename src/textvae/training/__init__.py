"""Training of one cell: from an encoded corpus to a model folder (paper, sections 2.2 and 3)."""
