"""Training strategies, one file each; none imports torch before it is used."""
