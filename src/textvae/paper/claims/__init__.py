"""The paper's claims, each a registered function over measurements, and how they are decided."""
