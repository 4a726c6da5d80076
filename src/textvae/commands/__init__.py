"""The subcommands of `textvae`: arguments in, files out, and nothing else."""
