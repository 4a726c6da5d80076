"""Generation of text from codes of the prior (paper, section 3.3)."""
