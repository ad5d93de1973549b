"""The error of the person who made a mistake."""


class InputError(Exception):
    """A mistake in what the user gave: the message names where, what was found and what to do."""
