"""The layout `list`: every row is kept or rejected with a reason, or its mistake is named."""

from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expressions.datasets.layout import find_layout, read_limits
from expressions.datasets.layouts.label_list import LabelList
from expressions.datasets.layouts.own_rows import CleanPictures
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError

BOXES = ["file", "face", "left", "top", "right", "bottom", "label"]


def layout(**others: object) -> LabelList:
    section = {"layout": "list", "list_file": "labels.lst", "columns": ["file", "label"]}
    return LabelList.model_validate(section | others)


def put(folder: Path, text: str, *names: str) -> Path:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((20, 30), number, np.uint8))
    folder.mkdir(exist_ok=True)
    (folder / "labels.lst").write_text(text, encoding="utf-8")
    return folder


def read(layout: LabelList, raw: Path) -> list[dict[str, str]]:
    """The labels of the rows that are kept, and the reasons against others, by id."""
    kept, rejected = layout.read_rows("mine", raw, CleanPictures(split="test"), 7)
    return [dict(kept[["image_id", "label"]].to_numpy().tolist()),
            dict(rejected.to_numpy().tolist())]  # fmt: skip


def test_every_row_and_every_picture_is_kept_or_has_a_reason(tmp_path):
    text = "a.jpg happy\nb sad\nc.jpg contempt\ngone.jpg fear\nb sad\nd.jpg sad\nd.jpg fear\n"
    put(tmp_path, text, "a.jpg", "b.png", "c.jpg", "d.jpg", "e.jpg")
    assert read(layout(), tmp_path) == [
        {"mine-a": "happiness", "mine-b": "sadness"},
        {
            "mine-c": "contempt",
            "mine-gone": "no_picture",
            "mine-b-line-5": "repeated",
            "mine-d": "contradicted",
            "mine-d-line-7": "contradicted",
            "mine-e": "no_label",
        },
    ]
    rendered = [image_id for image_id, _ in layout().render("mine", tmp_path)]
    assert rendered == ["mine-a", "mine-b", "mine-c", "mine-d", "mine-e"]


def test_one_that_repeats_a_contradicted_row_is_contradicted_too(tmp_path):
    for text in ("a sad\na fear\na sad\n", "a sad\na fear\na sad\na fear\n"):
        put(tmp_path, text, "a.jpg")
        assert set(read(layout(), tmp_path)[1].values()) == {"contradicted"}


LINES = st.tuples(
    st.sampled_from("abc"),
    st.sampled_from("01"),
    st.sampled_from("024"),
    st.sampled_from(("sad", "fear")),
)


@given(st.lists(LINES, min_size=1, max_size=12), st.sets(st.sampled_from("abcd")))
@settings(max_examples=40)
def test_rows_in_are_rows_kept_and_rejected(lines, there):
    listed = pd.DataFrame(
        [[name, face, "0", "0", side, "2", label, row + 1]
         for row, (name, face, side, label) in enumerate(lines)],
        columns=[*BOXES, "line"],
    )  # fmt: skip
    boxes = layout(columns=BOXES)
    with (
        patch("expressions.datasets.layouts.label_list.read_list", lambda *_: listed),
        patch(
            "expressions.datasets.layouts.own_pictures.find_pictures",
            lambda _: dict.fromkeys(there),
        ),
    ):
        kept, rejected = boxes.read_rows("mine", Path(), CleanPictures(split="test"), 7)
    unlisted = there - {name for name, *_ in lines}
    assert len(kept) + len(rejected) == len(lines) + len(unlisted)
    assert kept["image_id"].tolist() == sorted(
        f"mine-{name}-{face}"
        for name, face in {line[:2] for line in lines}
        if name in there
        for said in [{line[2:] for line in lines if line[:2] == (name, face)}]
        if len(said) == 1 and "0" not in {side for side, _ in said}
    )


def test_splits_and_persons_may_stand_in_the_list(tmp_path):
    text = "".join(f"a{n} sad {'train' if n < 40 else ''}- p{n % 3}\n" for n in range(80))
    put(tmp_path, text, *(f"a{n}.jpg" for n in range(80)))
    section = CleanPictures.model_validate(
        {"splits": {"train-": {"training": 0.5, "validation": 0.5}, "-": "test"}}
    )
    columns = ["file", "label", "split", "person"]
    kept, _ = layout(columns=columns).read_rows("mine", tmp_path, section, 7)
    number = kept["image_id"].str.extract(r"(\d+)")[0].astype(int)
    assert (kept["split"][number >= 40] == "test").all()
    groups = kept[number < 40].groupby(number % 3)["split"]
    assert all(len(set(its)) == 1 for _, its in groups)


def test_a_face_is_cut_out_by_its_box_and_keeps_its_number(tmp_path):
    text = "p.png 0 2 3 6 7 sad\np.png 1 0 0 4 4 fear\np.png 2 9 9 9 12 sad\n"
    put(tmp_path, text, "p.png", "q.png")
    cv2.imwrite(str(tmp_path / "p.png"), np.arange(600, dtype=np.uint8).reshape(20, 30))
    boxes = layout(columns=BOXES)
    assert read(boxes, tmp_path) == [
        {"mine-p-0": "sadness", "mine-p-1": "fear"},
        {"mine-p-2": "no_box", "mine-q": "no_label"},
    ]
    cut = {i: cv2.imdecode(np.frombuffer(png or b"", np.uint8), -1)
           for i, png in boxes.render("mine", tmp_path)}  # fmt: skip
    assert list(cut) == ["mine-p-0", "mine-p-1"]
    assert cut["mine-p-0"].shape == (4, 4)
    assert cut["mine-p-0"][0, 0] == 3 * 30 + 2
    wider = layout(columns=BOXES, margin=0.5)
    assert dict(wider.render("mine", tmp_path)).keys() == cut.keys()
    first = next(wider.render("mine", tmp_path))[1]
    assert cv2.imdecode(np.frombuffer(first or b"", np.uint8), -1).shape == (8, 8)


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("a happpy\n", None, r"labels\.lst, line 1: 'happpy' is no known emotion"),
        ("a sad\n../b sad\n", None, r"line 2: column 'file' names '\.\./b', expected a path below"),
        ("/etc/b sad\n", None, "names '/etc/b', expected a path below"),
        ("A sad\n", None, "names 'A', and the picture is 'a'"),
        ("a sad x\n", None, r"line 1: found 3 cells, expected 2 \(file label\)"),
        ("a 0 1 2 x 4 sad\n", BOXES, "line 1: right is 'x', expected a number"),
        ("a 0 1 nan 3 4 sad\n", BOXES, "line 1: top is 'nan', expected a number"),
        ("a ../0 1 2 3 4 sad\n", BOXES, r"line 1: face is '\.\./0', expected a number"),
    ],
)
def test_a_mistake_in_a_list_is_named(tmp_path, text, columns, message):
    put(tmp_path, text, "a.jpg")
    with pytest.raises(InputError, match=message):
        read(layout(**({"columns": columns} if columns else {})), tmp_path)


def test_the_list_is_checked_and_copied_with_the_pictures(tmp_path, capsys):
    source = put(tmp_path / "in", "a sad\n", "a.jpg")
    (tmp_path / "raw").mkdir()
    layout().take(source, tmp_path / "raw", Limits())
    assert "in/labels.lst: 1 rows" in capsys.readouterr().out
    assert (tmp_path / "raw/labels.lst").read_text() == "a sad\n"
    with pytest.raises(InputError, match=r"in/labels/x\.lst is missing.*correct list_file"):
        layout(list_file="labels/x.lst").take(source, tmp_path / "raw", Limits())
    put(source, "a\n")
    with pytest.raises(InputError, match=r"in/labels\.lst, line 1: found 1 cells"):
        layout().take(source, tmp_path / "raw", Limits())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("list_file: ../x.lst, columns: [file, label]", "list_file: .*a path below"),
        ("list_file: /x.lst, columns: [file, label]", "list_file: .*a path below"),
        ("list_file: x, columns: [file, lable]", r"columns\.1: Input should be 'file'"),
        ("list_file: x, columns: [file]", "columns: .*file and label have to be"),
        ("list_file: x, columns: [file, label, file]", "columns: .*file stands twice"),
        ("list_file: x, columns: [file, label, left]", "columns: .*of a box, all of left"),
        ("list_file: x, columns: [file, label, face]", "columns: .*need boxes"),
        ("list_file: x, columns: [file, label], picture: a", r"picture: .*with one \{\}"),
        ("list_file: x, columns: [file, label], picture: '../{}'", "picture: .*a path below"),
        ("columns: [file, label]", "list_file: Field required"),
    ],
)
def test_a_mistake_in_the_parameters_is_named(tmp_path, monkeypatch, parameters, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(f"ingest: {{mine: {{layout: list, {parameters}}}}}")
    for read_it in (find_layout, read_limits):
        with pytest.raises(InputError, match=f"params.yaml: ingest.mine.{message}"):
            read_it("mine")
