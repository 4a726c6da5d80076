"""The text VAE in parts: encoder, posterior, prior, decoder, output layer (paper, section 2)."""
