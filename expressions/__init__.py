"""What the stages of the pipeline are made of, one idea a file."""
