"""Does the latent code hold syntax? Minimal pairs and probes (paper, section 3.4, Table 4)."""
