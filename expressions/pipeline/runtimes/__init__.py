"""What a foreign runtime does in this process: it is silent, and it ends."""
