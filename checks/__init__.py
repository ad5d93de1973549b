"""What keeps the lock true; no part of the pipeline."""
