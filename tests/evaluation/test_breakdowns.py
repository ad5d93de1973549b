"""Voters, breakdowns and the audit, against figures worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from expressions.evaluation import breakdowns
from expressions.labels.voters import agreement, human_accuracy
from stages.audit import find_suspects
from stages.evaluate import Evaluate, measure, protocols, select

NAMES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")


def votes(**by_column: int) -> np.ndarray:
    columns = (*NAMES, "unknown", "NF")
    row = np.zeros((1, 10), np.int64)
    for name, count in by_column.items():
        row[0, columns.index(name)] = count
    return row


def test_agreement_is_the_winners_share():
    both = np.concatenate([votes(fear=10), votes(fear=4, anger=5)])
    assert agreement(both) == pytest.approx([1.0, 5 / 9])


def test_a_voter_against_the_others_by_hand():
    # The 7 agree with the other 9; the 3 do not.
    assert human_accuracy(votes(fear=7, anger=3), 7, majority=False) == pytest.approx(0.7)
    # Against one of 5 others stand 5 and 4: each voter of a tie finds the other side ahead.
    assert human_accuracy(votes(fear=5, anger=5), 7, majority=False) == 0
    # Of nine left, 5 for fear, 3 for anger and 1 single vote: 5 of 8 is a majority.
    assert human_accuracy(votes(fear=6, anger=3, sadness=1), 7, True) == pytest.approx(0.6)


def test_voters_whose_others_have_no_label_do_not_count():
    # Without single votes 4:4 is left once a voter of 5 goes, and 5:3 once one of 4 goes.
    row = votes(fear=5, anger=4, sadness=1)
    assert human_accuracy(row, 7, majority=True) == pytest.approx(0.0)
    assert human_accuracy(votes(contempt=10), 7, majority=False) == 0
    assert human_accuracy(votes(contempt=10), 8, majority=False) == 1


def test_pairs_name_each_mistake_with_its_share_of_the_class():
    labels = np.array([0, 0, 0, 0, 1, 1])
    predicted = np.array([0, 1, 1, 2, 1, 0])
    table = breakdowns.by_pair(labels, predicted, NAMES[:3])
    assert table.to_numpy().tolist() == [
        ["neutral", "happiness", 2, 0.5],
        ["happiness", "neutral", 1, 0.5],
        ["neutral", "surprise", 1, 0.25],
    ]


def test_accuracy_by_agreement_puts_an_edge_into_the_lower_bin():
    shares = np.array([0.5, 0.51, 0.6, 1.0, 1.0])
    correct = np.array([False, True, True, True, False])
    table = breakdowns.by_agreement(correct, shares, resamples=50, seed=1)
    assert table[["above", "up_to", "n", "accuracy"]].to_numpy().tolist() == [
        [0.0, 0.5, 1, 0.0],
        [0.5, 0.6, 2, 1.0],
        [0.9, 1.0, 2, 0.5],
    ]


def predictions() -> pd.DataFrame:
    """Four test pictures of eight classes: one of contempt, one wrong, one a twin."""
    rows = pd.DataFrame(0.02, index=range(4), columns=list(NAMES))
    for row, name in enumerate(["fear", "anger", "contempt", "fear"]):
        rows.loc[row, name] = 0.86
    # What is most probable of all, contempt aside, is anger.
    rows.loc[3, ["contempt", "anger", "fear"]] = [0.5, 0.3, 0.1]
    rows.insert(0, "label", ["fear", "fear", "contempt", "anger"])
    rows["majority"] = [True, True, True, False]
    rows["twin"] = [True, False, False, False]
    for name in (*NAMES, "unknown", "NF"):
        rows[f"{name} votes"] = 0
    for row, name in enumerate(["fear", "fear", "contempt", "anger"]):
        rows.loc[row, f"{name} votes"] = 10
    return rows


def test_a_model_of_eight_classes_is_measured_on_seven_too():
    found = {protocol.name: protocol for protocol in protocols(predictions(), NAMES)}
    assert {name: len(p.labels) for name, p in found.items()} == {
        "most_votes": 4,
        "majority": 3,
        "most_votes_7": 3,
        "majority_7": 2,
    }
    eight = found["most_votes"]
    assert (eight.predicted == eight.labels).tolist() == [True, False, True, False]
    seven = found["most_votes_7"]
    assert (seven.predicted == seven.labels).tolist() == [True, False, True]
    assert seven.probabilities.sum(axis=1) == pytest.approx(1)


def test_figures_stand_beside_a_voters_and_apart_for_twins():
    section = Evaluate(flip=True, resamples=50, seed=1)
    figures = measure(select("most_votes", predictions(), NAMES), section)
    assert figures["human_accuracy"] == 1
    assert figures["twins"]["n"] == 1
    assert figures["twins"]["accuracy"] == 1
    assert figures["without_twins"]["n"] == 3
    assert figures["without_twins"]["accuracy"] == pytest.approx(1 / 3)


def test_the_audit_finds_labels_that_were_swapped():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 300)
    given = true.copy()
    given[:6] = (true[:6] + 1) % 3
    probabilities = np.full((300, 3), 0.05)
    probabilities[np.arange(300), true] = 0.9
    table = pd.DataFrame(probabilities, columns=NAMES[:3])
    table.insert(0, "image_id", [f"i{place:03d}" for place in range(300)])
    table.insert(1, "split", "test")
    table.insert(2, "label", np.array(NAMES)[given])
    suspects = find_suspects(table, NAMES[:3])
    assert sorted(suspects["image_id"]) == [f"i{place:03d}" for place in range(6)]
    assert suspects["label_quality"].tolist() == pytest.approx([0.05] * 6)
