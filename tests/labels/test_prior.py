"""What is expected before a face is seen: Bayes' rule, its properties, and shares found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.labels.intention import Intention
from expressions.labels.prior import (
    FEWEST_FACES,
    FOR_FEW_FACES,
    Prior,
    TrainingShares,
    among,
    choose_tempered_power,
    describe_training,
    estimate,
    expect,
    expecting,
    mean_target,
    tempered_shares,
)

NAMES = ("neutral", "happiness", "fear")
TRAINING = np.array([0.6, 0.3, 0.1])


def trained(shares: np.ndarray, temperature: float = 1.0) -> TrainingShares:
    names = tuple(map(str, range(len(shares))))
    return TrainingShares(names, shares, 0.5, temperature)


KNOWN = trained(TRAINING)


@st.composite
def shares(draw, count: int = 4):
    parts = draw(st.lists(st.floats(0.01, 1), min_size=count, max_size=count))
    return np.array(parts) / sum(parts)


@st.composite
def faces(draw, count: int = 4):
    rows = draw(st.lists(shares(count), min_size=1, max_size=8))
    return np.array(rows)


def drawn(training: np.ndarray, true: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces of classes in the `true` shares: what a calibrated model of `training` says; labels."""
    rng = np.random.default_rng(4)
    labels = rng.choice(len(true), count, p=true)
    # A clue for each class, and the likelihood of each class under it.
    clues = rng.normal(2.0 * np.eye(len(true))[labels], 1.0)
    likelihood = np.exp(2.0 * clues)
    return likelihood * training / (likelihood * training).sum(axis=1, keepdims=True), labels


def test_by_hand():
    """Twice as much of fear as in training, half as much of neutral."""
    found = expecting(np.array([[0.6, 0.2, 0.2]]), KNOWN, np.array([0.3, 0.3, 0.2]) / 0.8)
    np.testing.assert_allclose(found, [[0.3 / 0.9, 0.2 / 0.9, 0.4 / 0.9]])


@given(faces(), shares(), shares(), shares())
def test_expectations_follow_one_another(rows, training, first, second):
    """Rows stay distributions, what was expected before is nothing new, and there is a way back."""
    once = expecting(rows, trained(training), first)
    np.testing.assert_allclose(once.sum(axis=1), 1)
    np.testing.assert_allclose(expecting(rows, trained(training), training), rows)
    twice = expecting(once, trained(first), second)
    np.testing.assert_allclose(twice, expecting(rows, trained(training), second))
    np.testing.assert_allclose(expecting(once, trained(first), training), rows)


@given(faces(), shares(), shares(), st.floats(0.4, 2.5))
def test_what_calibration_did_is_taken_back(rows, training, expected, temperature):
    """The temperature changes how sure the answers are, and the shares are those of the votes."""
    calibrated = rows ** (1 / temperature)
    calibrated /= calibrated.sum(axis=1, keepdims=True)
    votes = expecting(rows, trained(training), expected)
    found = expecting(calibrated, trained(training, temperature), expected)
    np.testing.assert_allclose(found, votes, rtol=1e-5)
    np.testing.assert_array_equal(
        expect(Prior.TRAINING, trained(training, temperature), rows).of(calibrated), calibrated
    )


@given(faces(), shares(), shares())
def test_what_is_expected_more_becomes_no_less_probable(rows, training, expected):
    ratio = expecting(rows, trained(training), expected) / rows
    order = np.argsort(expected / training)
    assert (np.diff(ratio[:, order], axis=1) >= -1e-9).all()


def test_where_there_is_no_answer_there_is_none():
    assert np.isnan(expecting(np.full((1, 3), np.nan), KNOWN, TRAINING)).all()


@given(shares(), st.floats(0, 1))
def test_tempered_shares_lie_between_those_of_training_and_all_alike(training, power):
    found = tempered_shares(training, power)
    assert found.sum() == pytest.approx(1)
    assert np.ptp(found) <= np.ptp(training) + 1e-12
    gaps = np.subtract.outer(found, found) * np.subtract.outer(training, training)
    assert gaps.min() >= -1e-12, "what was more frequent stays so"
    np.testing.assert_allclose(tempered_shares(training, 0), training)
    np.testing.assert_allclose(tempered_shares(training, 1), np.full(4, 0.25))


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_where_all_are_alike_an_answer_is_divided_by_the_training_shares(power):
    row = np.array([[0.5, 0.3, 0.2]])
    known = TrainingShares(NAMES, TRAINING, power)
    expected = expect(Prior.EVEN, known, row)
    np.testing.assert_allclose(expected.shares, np.full(3, 1 / 3))
    np.testing.assert_allclose(expected.of(row), row / TRAINING / (row / TRAINING).sum())
    tempered = row / TRAINING**power
    found = expect(Prior.TEMPERED, known, row).of(row)
    np.testing.assert_allclose(found, tempered / tempered.sum())


def test_the_shares_of_faces_are_found_again():
    true = np.array([0.1, 0.2, 0.7])
    rows, labels = drawn(TRAINING, true, 4000)
    found = estimate(rows, KNOWN)
    np.testing.assert_allclose(found, true, atol=0.03)
    before = (rows.argmax(axis=1) == labels).mean()
    after = (expecting(rows, KNOWN, found).argmax(axis=1) == labels).mean()
    assert after > before + 0.02
    # The answers are calibrated, whatever it took to make them so.
    np.testing.assert_array_equal(estimate(rows, trained(TRAINING, 0.6)), found)


def test_faces_as_in_training_change_nothing_much():
    rows, _ = drawn(TRAINING, TRAINING, 4000)
    np.testing.assert_allclose(estimate(rows, KNOWN), TRAINING, atol=0.02)


def test_no_emotion_vanishes_for_good():
    surely = np.tile([0.98, 0.01, 0.01], (FEWEST_FACES, 1))
    found = estimate(surely, KNOWN)
    assert found.min() > 0.05
    assert found.argmax() == 0


def test_a_few_faces_are_no_estimate_and_rows_without_answer_do_not_count():
    rows, _ = drawn(TRAINING, TRAINING, FEWEST_FACES)
    assert estimate(rows, KNOWN) is not None
    assert estimate(rows[1:], KNOWN) is None
    blank = np.vstack([rows[1:], np.full((9, 3), np.nan)])
    assert estimate(blank, KNOWN) is None


def test_what_is_asked_for_is_expected_or_the_default_in_its_place():
    training = TrainingShares(NAMES, TRAINING, 0.5)
    rows, _ = drawn(TRAINING, np.array([0.1, 0.2, 0.7]), 60)
    kept = expect(Prior.TRAINING, training, rows)
    assert kept.prior is Prior.TRAINING
    np.testing.assert_array_equal(kept.of(rows), rows)
    tempered = expect(Prior.TEMPERED, training, rows)
    half = tempered_shares(TRAINING, 0.5)
    np.testing.assert_allclose(tempered.of(rows), expecting(rows, KNOWN, half))
    estimated = expect(Prior.ESTIMATED, training, rows)
    assert estimated.prior is Prior.ESTIMATED
    np.testing.assert_allclose(estimated.of(rows), expecting(rows, KNOWN, estimate(rows, KNOWN)))
    few = expect(Prior.ESTIMATED, training, rows[:49])
    assert few.prior is FOR_FEW_FACES is Prior.TEMPERED
    np.testing.assert_allclose(few.of(rows), tempered.of(rows))


def test_what_was_meant_is_told_where_it_is_known():
    rows, _ = drawn(TRAINING, TRAINING, 5)
    meant = Intention(("neutral", "fear"), np.array([[1.0, 0, 0], [0, 0, 1]]), np.array([-1.0, 2]))
    training = TrainingShares(NAMES, TRAINING, 0.5, 0.7, meant)
    expected = expect(Prior.INTENDED, training, rows)
    assert expected.prior is Prior.INTENDED
    np.testing.assert_allclose(expected.shares, np.full(3, 1 / 3))
    np.testing.assert_array_equal(expected.of(rows), meant.of(rows, NAMES))
    for prior in set(Prior) - {Prior.INTENDED}:
        plain = expect(prior, training._replace(intention=None), rows)
        np.testing.assert_array_equal(expect(prior, training, rows).of(rows), plain.of(rows))
    # Of others, and of some of the classes alone, it is not known.
    assert training.among(NAMES).intention is meant
    fewer = training.among(("neutral", "fear"))
    assert fewer.intention is None
    unknown = expect(Prior.INTENDED, fewer, rows)
    assert unknown.prior is Prior.EVEN
    np.testing.assert_array_equal(unknown.of(rows[:, [0, 2]]), even_of(rows[:, [0, 2]], fewer))


def even_of(rows: np.ndarray, training: TrainingShares) -> np.ndarray:
    return expect(Prior.EVEN, training, rows).of(rows)


def test_a_class_that_no_training_showed_is_divided_by_next_to_nothing():
    training = TrainingShares(NAMES, np.array([0.5, 0.5, 0.0]), 1.0)
    found = expect(Prior.EVEN, training, np.empty((0, 3))).of(np.array([[0.5, 0.5, 0.0]]))
    np.testing.assert_allclose(found, [[0.5, 0.5, 0]])


def test_the_power_is_the_largest_whose_cost_stays_in_bounds():
    rows, labels = drawn(TRAINING, TRAINING, 3000)

    def cost(power: float) -> float:
        answers = expecting(rows, KNOWN, tempered_shares(TRAINING, power)).argmax(axis=1)
        return float((rows.argmax(axis=1) == labels).mean() - (answers == labels).mean())

    for allowed in (0.0, 0.005, 0.02):
        power = choose_tempered_power(rows, labels, KNOWN, allowed)
        assert cost(power) <= allowed + 1e-9
        assert power == 1 or cost(power + 0.05) > allowed
    assert choose_tempered_power(rows, labels, KNOWN, 1.0) == 1
    assert choose_tempered_power(rows, labels, KNOWN, 0.02) > choose_tempered_power(
        rows, labels, KNOWN, 0.0
    )


def test_shares_of_targets_and_of_some_classes():
    targets = np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.5], [1, 0, 0]], np.float32)
    np.testing.assert_allclose(mean_target(targets), [0.625, 0.25, 0.125])
    np.testing.assert_allclose(among(TRAINING, NAMES, ("fear", "neutral")), [1 / 7, 6 / 7])
    fewer = TrainingShares(NAMES, TRAINING, 0.4).among(("neutral", "happiness"))
    assert (fewer.classes, fewer.tempered_power) == (("neutral", "happiness"), 0.4)
    np.testing.assert_allclose(fewer.shares, [2 / 3, 1 / 3])


def test_what_a_card_says():
    described = describe_training(TrainingShares(NAMES, np.array([1, 1, 1]) / 3, 0.4))
    assert described == {"prior": [0.333333] * 3, "tempered_power": 0.4}
    assert describe_training(None) == {}
    meant = Intention(("neutral", "fear"), np.array([[1.0, 0, 0], [0, 0, 1]]), np.array([-1.0, 2]))
    told = describe_training(TrainingShares(NAMES, np.array([1, 1, 1]) / 3, 0.4, 1.0, meant))
    assert told == described | {
        "intended": {
            "classes": ["neutral", "fear"],
            "weights": [[1, 0, 0], [0, 0, 1]],
            "bias": [-1, 2],
        }
    }
