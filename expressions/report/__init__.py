"""The report: one page on the whole run."""
