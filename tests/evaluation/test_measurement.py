"""Models on labelled pictures, by hand: who is right, on what, and how much more often."""

import json

import numpy as np
import pandas as pd
import pytest

from expressions.evaluation.confident_errors import most_confident_errors
from expressions.evaluation.intervals import Bootstrap
from expressions.evaluation.measurement import (
    compare_models,
    count_unknown,
    known_emotions,
    measure_model,
    rows_of_answers,
)
from expressions.evaluation.measurement_output import Measurement, to_json, to_text
from expressions.labels.ferplus import VOTE_COLUMNS

BOOTSTRAP = Bootstrap(200, seed=1)
NOBODY = [np.nan] * 3
NO_TWINS = pd.DataFrame({"image_id": []}, dtype=str)


def samples(*labels: str, votes: dict[str, list[int]] | None = None) -> pd.DataFrame:
    table = pd.DataFrame({"image_id": [f"p{row}.jpg" for row in range(len(labels))]})
    table["label"] = labels
    table["majority"] = True
    for name in VOTE_COLUMNS:
        table[name] = pd.array((votes or {}).get(name, [None] * len(labels)), dtype="Int64")
    if votes:
        table[list(VOTE_COLUMNS)] = table[list(VOTE_COLUMNS)].fillna(0)
    return table


FIVE = samples("fear", "fear", "neutral", "neutral", "contempt")
CLASSES = ("fear", "neutral", "anger")
# Right and sure, wrong and sure, right at 0.6, nobody, not measured.
FIRST = np.array([[0.9, 0.1, 0], [0.05, 0.95, 0], [0.2, 0.6, 0.2], NOBODY, [0, 1, 0]])
# Wrong, right, right, right, not measured; its columns in another order below.
SECOND = np.array([[0.1, 0.9], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7], [0.5, 0.5]])


def rows(classes, probabilities) -> pd.DataFrame:
    return rows_of_answers(FIVE, NO_TWINS, classes, probabilities)


def test_figures_of_one_model_by_hand():
    its = rows(CLASSES, FIRST)
    assert known_emotions(its) == ("neutral", "anger", "fear")
    assert count_unknown(its) == {"contempt": 1}
    (found,) = measure_model(its, BOOTSTRAP)
    figures = found.figures
    assert (figures["n"], figures["no_face"]) == (4, 1)
    assert figures["accuracy"] == 2 / 4, "a picture without a face counts as wrong"
    assert figures["balanced_accuracy"] == pytest.approx((1 / 2 + 1 / 2) / 2)
    # Neutral: 1 hit, 2 pictures, 2 answers; fear: 1 hit, 2 pictures, 1 answer.
    assert figures["macro_f1"] == pytest.approx((2 / 4 + 2 / 3) / 2)
    # Where there is an answer: |1 - 0.9|, |0 - 0.95| in one bin of two, |1 - 0.6| in another.
    assert figures["ece"] == pytest.approx((0.1 + 0.95 + 0.4) / 3)
    assert found.answers == ("neutral", "anger", "fear", "no face")
    assert found.matrix.tolist() == [[1, 0, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0]]
    by_emotion = {score.emotion: score for score in found.by_class}
    assert by_emotion["fear"].precision.value == 1
    assert by_emotion["neutral"].precision.value == 0.5
    assert by_emotion["anger"].precision is None


def test_two_models_are_compared_on_what_both_know():
    found = compare_models(
        {"a": rows(CLASSES, FIRST), "b": rows(("neutral", "fear"), SECOND[:, ::-1])}, BOOTSTRAP
    )
    (comparison,) = found
    assert comparison[:4] == ("a", "b", "most_votes", ("neutral", "fear"))
    its = comparison.differences
    # a is right on the 1st and 3rd, b on the 2nd, 3rd and 4th.
    assert (its.n, its.only_first, its.only_second) == (4, 1, 2)
    assert its.accuracy.value == pytest.approx(2 / 4 - 3 / 4)


def test_each_two_of_three_models_are_compared():
    models = {name: rows(CLASSES, FIRST) for name in "abc"}
    pairs = [(one.first, one.second) for one in compare_models(models, BOOTSTRAP)]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]
    assert compare_models({"a": models["a"]}, BOOTSTRAP) == []


def test_votes_bring_protocols_voters_and_twins():
    votes = {"fear": [10, 6, 0], "anger": [0, 4, 0], "neutral": [0, 0, 10]}
    table = samples("fear", "fear", "neutral", votes=votes)
    table.loc[1, "majority"] = False
    twins = pd.DataFrame({"image_id": ["p0.jpg"]})
    its = rows_of_answers(table, twins, CLASSES, FIRST[:3])
    most, majority = measure_model(its, BOOTSTRAP)
    assert (most.chosen.protocol, most.figures["n"]) == ("most_votes", 3)
    assert (majority.chosen.protocol, majority.figures["n"]) == ("majority", 2)
    assert most.figures["twins"]["n"] == 1
    assert most.figures["without_twins"]["accuracy"] == 0.5
    assert majority.figures["human_accuracy"] == 1
    pairs = compare_models({"a": its, "b": its}, BOOTSTRAP)
    assert [(one.protocol, one.differences.n) for one in pairs] == [
        ("most_votes", 3),
        ("majority", 2),
    ]


def test_a_model_with_contempt_is_measured_without_it_too():
    classes = (*CLASSES, "contempt")
    its = rows(classes, np.hstack([FIRST, [[0], [0], [0], [np.nan], [1]]]))
    protocols = {found.chosen.protocol: found for found in measure_model(its, BOOTSTRAP)}
    assert {name: found.figures["n"] for name, found in protocols.items()} == {
        "most_votes": 5,
        "most_votes_7": 4,
    }
    assert [score.emotion for score in protocols["most_votes_7"].by_class] == [
        "neutral",
        "anger",
        "fear",
    ]


def test_all_probability_on_what_is_left_out_is_no_answer():
    its = rows((*CLASSES, "contempt"), np.array([[0, 0, 0, 1.0]] * 5))
    figures = {one.chosen.protocol: one.figures for one in measure_model(its, BOOTSTRAP)}
    assert figures["most_votes"]["accuracy"] == 1 / 5
    assert figures["most_votes_7"]["no_face"] == 4


def test_a_picture_without_a_face_is_no_confident_error():
    its = rows(CLASSES, FIRST)
    errors = most_confident_errors(its.query("label != 'contempt'"), known_emotions(its), 9)
    assert errors["image_id"].tolist() == ["p1.jpg"]
    assert errors["confidence"].tolist() == [0.95]


def measurement() -> Measurement:
    models = {"a": rows(CLASSES, FIRST), "b.csv": rows(("fear", "neutral"), SECOND)}
    return Measurement(
        "photos",
        {"unreadable": 2},
        {name: measure_model(its, BOOTSTRAP) for name, its in models.items()},
        {name: count_unknown(its) for name, its in models.items()},
        {"a": 123.4, "b.csv": None},
        {"a": "even", "b.csv": "training"},
        compare_models(models, BOOTSTRAP),
    )


def test_json_has_every_model_and_every_difference():
    content = json.loads(json.dumps(to_json(measurement()), allow_nan=False))
    assert content["source"] == "photos"
    assert content["left_out"] == {"unreadable": 2}
    first, second = content["models"]["a"], content["models"]["b.csv"]
    keys = ["n", "no_face", "accuracy", "accuracy_low", "accuracy_high", "balanced_accuracy",
            "macro_f1", "ece", "per_class", "left_out", "confusion", "classes"]  # fmt: skip
    assert set(keys) <= first.keys()
    assert (first["n"], first["no_face"], first["accuracy"]) == (4, 1, 0.5)
    assert first["left_out"] == {"contempt": 1}
    assert first["macro_f1"] == 0.583333
    assert (first["faces_per_second"], second["faces_per_second"]) == (123.4, None)
    assert (first["prior"], second["prior"]) == ("even", "training")
    assert first["confusion"]["answers"] == ["neutral", "anger", "fear", "no face"]
    assert second["confusion"]["counts"] == [[2, 0], [1, 1]]
    anger = first["per_class"][1]
    assert (anger["emotion"], anger["n"], anger["precision"]) == ("anger", 0, None)
    (difference,) = content["differences"]
    assert (difference["first"], difference["second"]) == ("a", "b.csv")
    assert (difference["accuracy"], difference["only_second"]) == (-0.25, 2)
    assert difference["accuracy_low"] <= -0.25 <= difference["accuracy_high"]


def test_the_lines_to_read_say_the_same():
    lines = to_text(measurement()).splitlines()
    said = [" ".join(line.split()) for line in lines]
    assert said[:3] == [
        "photos",
        "left out: 2 unreadable",
        "left out, since a does not know them: 1 contempt",
    ]
    assert any(line.startswith("a even 4 1 0.5000 [") and line.endswith(" 123") for line in said)
    assert any(
        line.startswith("b.csv training 4 0 0.7500 [") and line.endswith(" –") for line in said
    )
    assert any(line.startswith("neutral 2 0.5000 [") and line.endswith(" 1 0 0 1") for line in said)
    assert "anger 0 – – 0.000 0 0 0 0" in said
    assert "a less b.csv (most votes, 2 emotions):" in said
    assert any("accuracy -0.2500 [" in line and "right alone on 1 and 2" in line for line in said)
    assert all(line == line.rstrip() for line in lines)
