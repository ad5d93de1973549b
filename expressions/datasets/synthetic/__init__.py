"""The embedded data set: faces painted from action units, in the raw layouts of the real ones."""
