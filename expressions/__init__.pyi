from expressions.prediction.recognizer import Recognition, Recognizer

__all__ = ["Recognition", "Recognizer"]
