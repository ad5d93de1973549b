"""Faces found with MTCNN, levelled, cut out and made ready for a network."""
