"""Training many networks in minutes on one GPU; no part of the pipeline (see README.md here)."""
