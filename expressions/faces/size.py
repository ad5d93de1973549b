"""How large faces are where networks read them."""

SIDE = 48
"""Pixels, as FER-2013's pictures have them."""
