"""How a step is taken, one file a strategy; none imports torch before it is used."""
