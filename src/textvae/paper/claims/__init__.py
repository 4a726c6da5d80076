"""The paper's claims, each a small function over measurements, and what became of them."""
