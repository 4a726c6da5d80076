"""Records of a run: configuration, software, machine, and the cost of each job."""
