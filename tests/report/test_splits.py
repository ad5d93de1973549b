"""What the report reads of one split, from files as `evaluate` writes them."""

import pytest

from expressions.errors import InputError
from expressions.pipeline import paths
from expressions.report.splits import Confusion, read_split, strictest_protocol

SCORES = """split,protocol,emotion,n,precision,precision_low,precision_high,recall,f1
test,most_votes,neutral,9,0.5,0.25,0.75,0.5,0.5
test,majority,neutral,4,1,0.9,1,0.75,0.857
test,majority,fear,0,,,,,0
validation,majority,neutral,8,0.5,0.25,0.75,0.5,0.5
"""
PNG = b"\x89PNG\r\n\x1a\n"
CONFUSION = Confusion(
    ("neutral", "fear"), [[3, 1], [0, 0]], [[0.75, 0.25], [0, 0]], ("neutral", "fear")
)


@pytest.fixture
def evaluation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths.EVALUATION.mkdir(parents=True)
    for name, content in (
        (
            "test.majority.pairs.csv",
            "actual,predicted,n,share\nneutral,fear,3,0.5\nfear,anger,1,1\n",
        ),
        ("test.majority.agreement.csv", "above,up_to,n,accuracy\n0.5,0.6,7,0.25\n"),
    ):
        (paths.EVALUATION / name).write_text(content, encoding="utf-8")
    (paths.EVALUATION / "test.majority.reliability.png").write_bytes(PNG)
    (paths.EVALUATION / "test.errors.png").write_bytes(PNG + b"\0")
    paths.PER_CLASS_METRICS.parent.mkdir()
    paths.PER_CLASS_METRICS.write_text(SCORES, encoding="utf-8")


def test_the_official_majority_is_the_strictest_protocol():
    assert strictest_protocol({"most_votes": {}, "majority": {}, "majority_7": {}}) == "majority"
    assert strictest_protocol({"most_votes": {}}) == "most_votes"


@pytest.mark.usefixtures("evaluation")
def test_a_split_is_what_evaluate_wrote_of_it():
    split = read_split("test", "majority", {"n": 4}, CONFUSION, mistakes=1)
    assert (split.name, split.protocol, split.figures) == ("test", "majority", {"n": 4})
    assert split.confusion is CONFUSION
    neutral, fear = split.scores
    assert (neutral["emotion"], neutral["n"], neutral["precision_low"]) == ("neutral", 4, 0.9)
    assert (fear["n"], fear["precision"], fear["f1"]) == (0, None, 0)
    assert split.mistakes == [{"actual": "neutral", "predicted": "fear", "n": 3, "share": 0.5}]
    assert split.agreement == [{"above": 0.5, "up_to": 0.6, "n": 7, "accuracy": 0.25}]
    assert split.reliability == "data:image/png;base64,iVBORw0KGgo="
    assert split.errors == "data:image/png;base64,iVBORw0KGgoA"


@pytest.mark.usefixtures("evaluation")
def test_a_file_that_evaluate_did_not_write_is_named():
    (paths.EVALUATION / "test.majority.pairs.csv").write_text("actual,n\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"pairs\.csv has no column 'predicted'. Run `dvc repro`"):
        read_split("test", "majority", {}, CONFUSION, mistakes=8)


@pytest.mark.usefixtures("evaluation")
def test_a_split_without_votes_has_no_agreement():
    (paths.EVALUATION / "test.majority.agreement.csv").unlink()
    assert read_split("test", "majority", {}, CONFUSION, mistakes=8).agreement == []
