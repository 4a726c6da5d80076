"""The subcommands of `textvae`: each parses its arguments, calls the library and writes files."""
