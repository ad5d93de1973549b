from expressions.errors import InputError
from expressions.prediction.recognizer import Recognition, Recognizer

__version__: str

__all__ = ["InputError", "Recognition", "Recognizer", "__version__"]
