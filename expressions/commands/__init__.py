"""The command line: `expressions`."""
