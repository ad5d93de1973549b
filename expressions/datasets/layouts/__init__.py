"""The raw layouts of data sets, one module a layout, and what several of them share."""
