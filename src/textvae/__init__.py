"""Text variational autoencoders with an explicit rate, after Prokhorov et al. (2019)."""

__version__ = "0.1.0"
