"""C chosen for a text: the trainings of a search, and a training at the C that it finds."""
