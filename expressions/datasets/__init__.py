"""From the owner's files to rows and pictures: one module a layout, and what they share."""
