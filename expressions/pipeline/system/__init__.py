"""The system that a program runs on: what it refuses, its streams, its other programs."""
