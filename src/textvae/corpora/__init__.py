"""Raw text to sentences, vocabulary and encoded splits (paper, section 3, "Corpora")."""

SPLITS = ("train", "valid", "test")
