"""From measurements alone to the paper's tables (and, beside them, the paper's own numbers)."""
