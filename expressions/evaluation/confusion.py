"""Confusion matrices, and the figures that follow from them alone.

A matrix is int64 `[..., classes, answers]`: how many pictures of each true class, by row, got each
answer, by column. The first answers are the classes in the same order; one more column may count
the pictures that got none of them. All figures are shares from 0 to 1.
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]
Classes = NDArray[np.int64]
"""`[n]`: the class of each picture, by its place among the classes."""
Shares = NDArray[np.float64]


def confusion_matrix(labels: Classes, answers: Classes, shape: tuple[int, int]) -> Matrix:
    """Return the matrix of this shape, `[classes, answers]`, of true classes and answers, `[n]`."""
    cells = np.bincount(labels * shape[1] + answers, minlength=shape[0] * shape[1])
    return cells.reshape(shape).astype(np.int64, copy=False)


def row_shares(matrix: Matrix) -> Shares:
    """Return what share of each true class got each answer; 0 in the row of an absent class."""
    return matrix / np.maximum(matrix.sum(axis=-1, keepdims=True), 1)


def hits(matrix: Matrix) -> Matrix:
    """Return how many pictures of each class were rightly recognised, `[..., classes]`."""
    return matrix.diagonal(axis1=-2, axis2=-1)


def class_sizes(matrix: Matrix) -> Matrix:
    """Return how many pictures truly are of each class, `[..., classes]`."""
    return matrix.sum(axis=-1)


def answer_sizes(matrix: Matrix) -> Matrix:
    """Return how many pictures were taken for each class, `[..., classes]`."""
    return matrix.sum(axis=-2)[..., : matrix.shape[-2]]


def recall(matrix: Matrix) -> Shares:
    """Return the share of each class that was recognised, `[..., classes]`; 0 if it is absent."""
    return hits(matrix) / np.maximum(class_sizes(matrix), 1)


def f1(matrix: Matrix) -> Shares:
    """Return each class's harmonic mean of precision and recall; 0 if it occurs nowhere."""
    return 2 * hits(matrix) / np.maximum(class_sizes(matrix) + answer_sizes(matrix), 1)


def balanced_accuracy(matrix: Matrix) -> Shares:
    """Return the mean recall over the classes that truly occur, `[...]`."""
    return recall(matrix).sum(axis=-1) / _classes_present(matrix)


def macro_f1(matrix: Matrix) -> Shares:
    """Return the mean F1 over the classes that truly occur, `[...]`.

    A class that was only guessed costs the others their recall, and is no term of its own: its F1
    is 0.
    """
    return f1(matrix).sum(axis=-1) / _classes_present(matrix)


def _classes_present(matrix: Matrix) -> Matrix:
    return (class_sizes(matrix) > 0).sum(axis=-1)
