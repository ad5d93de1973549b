"""The layout `file_names`: labels by a pattern; other names are counted, and codes are known."""

import cv2
import numpy as np
import pytest

from expressions.datasets.layouts import file_names
from expressions.errors import InputError
from expressions.pipeline.parameters import read_section


@pytest.fixture
def raw(tmp_path):
    for name in ("KA.AN1.39.png", "KA.HA1.29.png", "logo.png"):
        cv2.imwrite(str(tmp_path / name), np.full((9, 9), len(name), np.uint8))
    return tmp_path


def clean(**others: object) -> file_names.Clean:
    section = {
        "pattern": r"(?P<person>..)\.(?P<emotion>..)\d\.\d+",
        "labels": {"AN": "anger", "HA": "happiness"},
        "split": "test",
    }
    return file_names.Clean.model_validate(section | others)


def test_names_say_labels_and_other_names_are_rejected(raw):
    kept, rejected = file_names.read_rows("jaffe", raw, clean(), 7)
    assert kept.to_numpy().tolist() == [
        ["jaffe-KA.AN1.39", "test", "anger"],
        ["jaffe-KA.HA1.29", "test", "happiness"],
    ]
    assert rejected.to_numpy().tolist() == [["jaffe-logo", "other_name"]]


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"labels": {"AN": "anger"}}, r"KA\.HA1\.29: 'HA' is no known emotion"),
        (
            {"pattern": "(?P<emotion>..)"},
            r"clean\.jaffe\.pattern .* of the 3 pictures, such as 'KA",
        ),
        ({"split": None}, r"KA\.AN1\.39 is in no split"),
        (
            {"splits": {"train": "trainig"}},
            r"clean\.jaffe\.splits\.train is 'trainig', expected one",
        ),
    ],
)
def test_a_mistake_is_named(raw, others, message):
    with pytest.raises(InputError, match=message):
        file_names.read_rows("jaffe", raw, clean(**others), 7)


@pytest.mark.parametrize(
    ("clean", "message"),
    [
        ("{pattern: '(?P<person>.)'}", r"pattern: .*no group \(\?P<emotion>"),
        ("{pattern: '(?P<emotion>'}", "pattern: .*no regular expression"),
        ("{}", r"clean\.jaffe\.pattern: Field required"),
        ("{pattern: '(?P<emotion>.)', labels: {1: fear, a: fear}}", "labels: .*quotes around"),
        ("{pattern: '(?P<emotion>.)', labels: {1.5: fear}}", r"labels\.1\.5\.\[key\]: .*string"),
    ],
)
def test_a_mistake_in_the_parameters_is_named(tmp_path, monkeypatch, clean, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(f"clean: {{jaffe: {clean}}}", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_section(file_names.Clean, "clean.jaffe")
