"""Trained models in Python: `textvae.load`. Does not import torch."""

# Generated sentences are cut after this many words by default.
MAX_WORDS = 50
