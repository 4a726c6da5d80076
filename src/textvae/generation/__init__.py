"""Codes to text, and what can be counted of it (paper, section 3.3)."""
