"""Figures of a confusion matrix against scikit-learn, and by hand where pictures got no answer."""

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.evaluation import confusion

CLASSES = 4
some = hnp.arrays(np.int64, 30, elements=st.integers(0, CLASSES - 1))


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
@given(some, some)
def test_figures_agree_with_scikit_learn(labels, answers):
    matrix = confusion.confusion_matrix(labels, answers, (CLASSES, CLASSES))
    every = range(CLASSES)
    assert (matrix == sk.confusion_matrix(labels, answers, labels=every)).all()
    recall = sk.recall_score(labels, answers, labels=every, average=None, zero_division=0)
    assert confusion.recall(matrix) == pytest.approx(recall)
    f1 = sk.f1_score(labels, answers, labels=every, average=None, zero_division=0)
    assert confusion.f1(matrix) == pytest.approx(f1)
    balanced = sk.balanced_accuracy_score(labels, answers)
    assert confusion.balanced_accuracy(matrix) == pytest.approx(balanced)
    present = np.unique(labels)
    macro = sk.f1_score(labels, answers, labels=present, average="macro", zero_division=0)
    assert confusion.macro_f1(matrix) == pytest.approx(macro)


def test_pictures_without_an_answer_cost_recall_and_no_precision():
    # Three of the first class: one right, one taken for the second, one without an answer.
    matrix = confusion.confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1]), (2, 3))
    assert matrix.tolist() == [[1, 1, 1], [0, 1, 0]]
    assert confusion.class_sizes(matrix).tolist() == [3, 1]
    assert confusion.answer_sizes(matrix).tolist() == [1, 2]
    assert confusion.recall(matrix) == pytest.approx([1 / 3, 1])
    assert confusion.f1(matrix) == pytest.approx([2 * 1 / (3 + 1), 2 * 1 / (1 + 2)])
    assert confusion.balanced_accuracy(matrix) == pytest.approx(2 / 3)
    assert confusion.row_shares(matrix)[0] == pytest.approx([1 / 3] * 3)


def test_several_matrices_are_worked_on_at_once():
    matrices = np.array([[[2, 0], [0, 2]], [[1, 1], [0, 0]]])
    assert confusion.macro_f1(matrices) == pytest.approx([1, 2 / 3])
    assert confusion.balanced_accuracy(matrices) == pytest.approx([1, 0.5])
    assert confusion.row_shares(matrices)[1].tolist() == [[0.5, 0.5], [0, 0]]
