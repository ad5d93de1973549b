"""What was meant is learnt again from answers that depend on it in a known way."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from expressions.evaluation.intention import FEWEST_PICTURES, fit_intention

NAMES = ("neutral", "happiness", "sadness", "contempt")
MEANT = NAMES[:3]
# Sadness shows faintly: half of what is neutral, and little of its own.
SHOWN = np.array([[3.0, 0, 0, 0], [0, 3.0, 0, 0], [1.5, 0, 1.0, 0]])


def drawn(counts: tuple[int, ...]) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """Answers to so many pictures of each emotion that was meant, and what that was."""
    rng = np.random.default_rng(3)
    meant = np.repeat(np.arange(3), counts)
    seen = softmax(SHOWN[meant] + rng.normal(size=(len(meant), 4)), axis=1)
    ids = [f"i-{number}" for number in range(len(meant))]
    answers = pd.DataFrame(seen, columns=list(NAMES)).assign(image_id=ids)
    return answers, pd.Series([MEANT[number] for number in meant], index=ids)


def right(answers: pd.DataFrame, intended: "pd.Series[str]", which: str, found) -> float:
    rows = answers[answers["image_id"].map(intended) == which]
    said = found.of(rows[list(NAMES)].to_numpy(), NAMES).argmax(axis=1)
    return float((said == NAMES.index(which)).mean())


def test_what_is_meant_is_found_where_it_is_hardly_seen():
    answers, intended = drawn((3000, 2000, 1000))
    seen = answers[list(NAMES)].to_numpy().argmax(axis=1)
    sad = (intended == "sadness").to_numpy()
    assert (seen[sad] == 2).mean() < 0.35
    found = fit_intention(answers, intended, NAMES)
    assert found.classes == MEANT
    # The best that can be known: which of three normal distributions a point is nearest to.
    for name, least in (("neutral", 0.78), ("happiness", 0.92), ("sadness", 0.72)):
        assert right(answers, intended, name, found) > least
    # None of them is expected beforehand: in other shares of the pictures the same is learnt.
    other = fit_intention(*drawn((1000, 2000, 3000)), NAMES)
    np.testing.assert_allclose(other.weights, found.weights, atol=0.25)
    np.testing.assert_allclose(other.bias, found.bias, atol=0.35)


def test_the_order_of_the_pictures_and_those_that_tell_nothing_change_nothing():
    answers, intended = drawn((100, 100, 100))
    found = fit_intention(answers, intended, NAMES)
    strange = answers.assign(image_id=[f"other-{name}" for name in answers["image_id"]])
    both = pd.concat([strange, answers.iloc[::-1]], ignore_index=True)
    again = fit_intention(both, intended, NAMES)
    np.testing.assert_array_equal(again.weights, found.weights)
    np.testing.assert_array_equal(again.bias, found.bias)


def test_too_little_is_nothing_learnt_from():
    answers, intended = drawn((50, 50, FEWEST_PICTURES))
    assert fit_intention(answers, intended, NAMES) is not None
    assert fit_intention(answers.iloc[:-1], intended, NAMES) is None
    assert fit_intention(answers, intended[intended != "sadness"], NAMES) is None
    assert fit_intention(answers, pd.Series(dtype=str), NAMES) is None
