from expressions.recognition import Recognition, Recognizer

__all__ = ["Recognition", "Recognizer"]
