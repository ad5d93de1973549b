"""Faces found in pictures: MTCNN, its networks, and at which sizes they look."""
