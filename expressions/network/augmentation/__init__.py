"""Random views of a face that keep its expression: other framings, and other photographs of it."""
