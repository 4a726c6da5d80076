"""Forward cross-entropy: language models of synthetic text on human text (paper, section 3.3.2)."""
