"""What training minimises, one file an objective; none imports torch."""
