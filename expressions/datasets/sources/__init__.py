"""The user's files: which there are, what they are packed in, and reading them within limits."""
