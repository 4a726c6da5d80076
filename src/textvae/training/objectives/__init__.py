"""Training objectives, one file each; none imports torch."""
