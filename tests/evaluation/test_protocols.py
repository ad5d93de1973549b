"""Which pictures each protocol counts, and the figures beside the model's own."""

import json

import numpy as np
import pandas as pd
import pytest

from expressions.errors import InputError
from expressions.evaluation import protocols
from expressions.evaluation.confident_errors import caption_errors, most_confident_errors
from expressions.evaluation.intervals import Bootstrap
from expressions.labels.emotions import EMOTIONS
from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.labels.prior import Prior, TrainingShares, estimate, expecting

BOOTSTRAP = Bootstrap(50, seed=1)


def evaluation_rows() -> pd.DataFrame:
    """Four test pictures of eight classes: one of contempt, one wrong, one a twin."""
    rows = pd.DataFrame(0.02, index=range(4), columns=list(EMOTIONS))
    for row, name in enumerate(["fear", "anger", "contempt", "fear"]):
        rows.loc[row, name] = 0.86
    # What is most probable of all, contempt aside, is anger.
    rows.loc[3, ["contempt", "anger", "fear"]] = [0.5, 0.3, 0.1]
    rows.insert(0, "image_id", [f"i-{row}" for row in range(4)])
    rows.insert(1, "label", ["fear", "fear", "contempt", "anger"])
    rows["majority"] = [True, True, True, False]
    rows["twin"] = [True, False, False, False]
    for name in VOTE_COLUMNS:
        rows[f"{name} votes"] = 0
    for row, name in enumerate(["fear", "fear", "contempt", "anger"]):
        rows.loc[row, f"{name} votes"] = 10
    return rows


def sets_by_protocol(rows: pd.DataFrame, names) -> dict[str, protocols.EvaluationSet]:
    return {chosen.protocol: chosen for chosen in protocols.evaluation_sets(rows, names)}


def test_the_even_prior_is_measured_beside_that_of_training():
    """Rare fear gains on anger: the fourth picture is taken for fear then, which it is not."""
    rows = evaluation_rows()
    shares = np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.06, 0.02, 0.02])
    training = TrainingShares(EMOTIONS, shares, 0.0)
    chosen = sets_by_protocol(rows, EMOTIONS)["most_votes_7"]
    figures = protocols.measure(chosen, BOOTSTRAP, training)
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["even"]["accuracy"] == pytest.approx(1 / 3)
    assert set(figures["even"]) >= {"n", "accuracy_low", "balanced_accuracy", "macro_f1", "ece"}
    assert figures["tempered"]["accuracy"] == pytest.approx(2 / 3)
    assert not {"tempered", "even"} & set(protocols.measure(chosen, BOOTSTRAP))
    even = protocols.under_prior(chosen, Prior.EVEN, training)
    np.testing.assert_allclose(even.probabilities.sum(axis=1), 1)
    expected = chosen.probabilities / shares[:7]
    np.testing.assert_allclose(even.probabilities, expected / expected.sum(axis=1, keepdims=True))


def test_the_estimated_prior_is_measured_where_there_are_faces_enough():
    rows = pd.concat([evaluation_rows()] * 20, ignore_index=True)
    training = TrainingShares(EMOTIONS, np.full(8, 0.125), 0.5)
    found = sets_by_protocol(rows, EMOTIONS)
    many, few = found["most_votes_7"], found["most_votes_7"]._replace(rows=rows.iloc[:3])
    few = few._replace(probabilities=many.probabilities[:3], labels=many.labels[:3])
    assert "estimated" not in protocols.measure(few, BOOTSTRAP, training)
    figures = protocols.measure(many, BOOTSTRAP, training)["estimated"]
    known = training.among(many.classes)
    answers = expecting(many.probabilities, known, estimate(many.probabilities, known))
    right = (answers.argmax(axis=1) == many.labels).mean()
    assert figures["accuracy"] == pytest.approx(right, abs=1e-6)


def test_a_model_of_eight_classes_is_measured_on_seven_too():
    found = sets_by_protocol(evaluation_rows(), EMOTIONS)
    assert {name: len(chosen.labels) for name, chosen in found.items()} == {
        "most_votes": 4,
        "majority": 3,
        "most_votes_7": 3,
        "majority_7": 2,
    }
    assert found["most_votes"].correct.tolist() == [True, False, True, False]
    seven = found["most_votes_7"]
    assert seven.classes == EMOTIONS[:7]
    assert seven.correct.tolist() == [True, False, True]
    assert seven.probabilities.sum(axis=1) == pytest.approx(1)
    assert seven.matrix[EMOTIONS.index("fear")].tolist() == [0, 0, 0, 0, 1, 0, 1]


def test_a_model_of_seven_classes_is_measured_on_seven_alone():
    rows = evaluation_rows().query("label != 'contempt'")
    assert list(sets_by_protocol(rows, EMOTIONS[:7])) == ["most_votes", "majority"]


def test_a_protocol_that_counts_no_picture_has_no_figures():
    rows = evaluation_rows().assign(majority=False)
    assert list(sets_by_protocol(rows, EMOTIONS)) == ["most_votes", "most_votes_7"]


def test_figures_stand_beside_a_voters_and_apart_for_twins():
    chosen = protocols.select("most_votes", evaluation_rows(), EMOTIONS)
    figures = protocols.measure(chosen, BOOTSTRAP)
    assert figures["n"] == 4
    assert figures["accuracy"] == 0.5
    assert figures["human_accuracy"] == 1
    assert figures["twins"]["n"] == 1
    assert figures["twins"]["accuracy"] == 1
    assert list(figures["twins"]) == ["n", "accuracy", "accuracy_low", "accuracy_high"]
    assert figures["without_twins"]["n"] == 3
    assert figures["without_twins"]["accuracy"] == pytest.approx(1 / 3)
    json.dumps(figures)


def test_a_voter_is_held_against_what_the_protocol_counts():
    rows = evaluation_rows().iloc[:1].copy()
    rows[["fear votes", "anger votes", "sadness votes"]] = [5, 3, 2]
    voter = {
        name: protocols.measure(protocols.select(name, rows, EMOTIONS), BOOTSTRAP)["human_accuracy"]
        for name in ("most_votes", "majority", "majority_7")
    }
    # Without one for fear, 4 of 9 votes are most, but no majority; the other five are outvoted.
    assert voter == {"most_votes": 0.5, "majority": 0, "majority_7": 0}


def test_without_votes_and_twins_there_are_no_figures_of_them():
    rows = evaluation_rows().assign(twin=False)
    rows[[f"{name} votes" for name in VOTE_COLUMNS]] = None
    chosen = protocols.select("most_votes", rows, EMOTIONS)
    assert not {"human_accuracy", "twins", "without_twins"} & set(
        protocols.measure(chosen, BOOTSTRAP)
    )
    assert not chosen.all_have_votes


def test_a_split_of_twins_alone_has_no_others():
    figures = protocols.measure(
        protocols.select("most_votes", evaluation_rows().iloc[:1], EMOTIONS), BOOTSTRAP
    )
    assert "twins" in figures
    assert "without_twins" not in figures


def test_votes_and_twins_are_joined_by_id():
    predictions = pd.DataFrame({"image_id": ["b", "a", "c"], "fear": [0.1, 0.2, 0.3]})
    samples = pd.DataFrame({"image_id": ["a", "b", "x", "c"], **dict.fromkeys(VOTE_COLUMNS, 0)})
    samples["fear"] = [7, 3, 9, None]
    rows = protocols.add_votes_and_twins(
        predictions, samples.astype(dict.fromkeys(VOTE_COLUMNS, "Int64")),
        pd.DataFrame({"image_id": ["a"], "split": ["test"]}),
    )  # fmt: skip
    assert rows["image_id"].tolist() == ["b", "a", "c"]
    assert rows["fear"].tolist() == [0.1, 0.2, 0.3]
    assert rows["twin"].tolist() == [False, True, False]
    assert rows["fear votes"].dropna().tolist() == [3, 7]
    assert rows["fear votes"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("ids", [["a", "a"], ["b"], []])
def test_an_id_that_stands_twice_or_nowhere_is_not_joined(ids):
    samples = pd.DataFrame({"image_id": ids, **dict.fromkeys(VOTE_COLUMNS, 0)})
    predictions, none = pd.DataFrame({"image_id": ["a"]}), pd.DataFrame({"image_id": []})
    with pytest.raises(InputError, match=r"samples\.csv has [02] rows for a, expected one"):
        protocols.add_votes_and_twins(predictions, samples, none)


def test_answers_are_listed_by_name():
    chosen = protocols.select("most_votes", evaluation_rows(), EMOTIONS)
    table = protocols.tabulate_answers(chosen)
    assert table["actual"].tolist() == ["fear", "fear", "contempt", "anger"]
    assert table["predicted"].tolist() == ["fear", "anger", "contempt", "contempt"]
    assert chosen.reliability.pictures.sum() == 4


def test_the_surest_errors_come_first():
    errors = most_confident_errors(evaluation_rows(), EMOTIONS, 5)
    assert errors["image_id"].tolist() == ["i-1", "i-3"]
    assert errors["predicted"].tolist() == ["anger", "contempt"]
    # Rows that do not sum to 1 are shared out first.
    assert errors["confidence"].tolist() == pytest.approx([0.86, 0.5 / 1.0])
    assert caption_errors(errors)[0] == "i-1\nfear\nnot anger 0.86"
    assert len(most_confident_errors(evaluation_rows(), EMOTIONS, 1)) == 1


def test_errors_of_equal_confidence_keep_their_order():
    rows = pd.concat([evaluation_rows().iloc[[1]]] * 3, ignore_index=True)
    rows["image_id"] = ["c", "a", "b"]
    assert most_confident_errors(rows, EMOTIONS, 3)["image_id"].tolist() == ["c", "a", "b"]
    assert np.unique(most_confident_errors(rows, EMOTIONS, 3)["confidence"]).size == 1
