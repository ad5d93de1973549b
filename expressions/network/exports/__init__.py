"""A trained network as files for other runtimes: converted, proven, described, opened."""
