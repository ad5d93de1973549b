"""The layout `pixels`: FER-2013's columns, with codes and splits of one's own."""

import pytest

from expressions.datasets.layouts import fer2013_tables, pixel_table
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError

FACE = " ".join(["7"] * 2304)
CODES = {str(code): name for code, name in enumerate(fer2013_tables.EMOTION_CODES)}


def put(folder, *rows: str, header: str = "emotion,pixels,Usage"):
    folder.mkdir(exist_ok=True)
    (folder / "ck.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    return folder


def clean(**others: object) -> pixel_table.Clean:
    return pixel_table.Clean.model_validate({"labels": CODES, "split": "test"} | others)


def test_rows_are_labelled_split_and_rejected(tmp_path):
    put(tmp_path, f"3,{FACE},Training", f"7,{FACE},PublicTest", f" 6 ,{FACE},PrivateTest")
    section = clean(labels=CODES | {"7": "contempt"}, split_column="Usage")
    kept, rejected = pixel_table.read_rows("ck", tmp_path, section, 7)
    assert kept.to_numpy().tolist() == [
        ["ck-00000", "training", "happiness"],
        ["ck-00002", "test", "neutral"],
    ]
    assert rejected.to_numpy().tolist() == [["ck-00001", "contempt"]]
    kept, _ = pixel_table.read_rows("ck", tmp_path, clean(labels=section.labels, split="ck"), 8)
    assert kept["split"].tolist() == ["ck"] * 3


def test_pictures_have_the_ids_of_their_rows_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(pixel_table, "BLOCK_ROWS", 2)
    put(tmp_path, *(f"{' '.join([str(n)] * 2304)},0" for n in range(5)), header="pixels,emotion")
    rendered = list(pixel_table.render("ck", tmp_path))
    kept, _ = pixel_table.read_rows("ck", tmp_path, clean(), 7)
    assert [image_id for image_id, _ in rendered] == kept["image_id"].tolist()
    assert len({png for _, png in rendered}) == 5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([f"0,{FACE},Training", f"0,{FACE} 1,Training"], r"in/ck\.csv, row 3: found 2305 pixels"),
        ([f"0,{FACE[:-1]}256,Training"], "row 2: pixel '256' is no number from 0 to 255"),
        ([], "holds no rows"),
    ],
)
def test_ingest_names_a_row_that_is_no_picture(tmp_path, monkeypatch, rows, message):
    monkeypatch.setattr(pixel_table, "BLOCK_ROWS", 1)
    put(tmp_path / "in", *rows)
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match=message):
        pixel_table.take(tmp_path / "in", tmp_path / "raw", Limits())


@pytest.mark.parametrize(
    ("row", "others", "message"),
    [
        (f"7,{FACE},Training", {}, r"ck\.csv, row 2: '7' is no known emotion"),
        (f"0,{FACE},Holdout", {"split_column": "Usage"}, "row 2: 'Holdout' is no split"),
        (f"0,{FACE},Training", {"split": None}, "row 2 is in no split"),
        (f"0,{FACE},Training", {"label_column": "label"}, "column 'label' is missing"),
    ],
)
def test_clean_names_what_it_does_not_know(tmp_path, row, others, message):
    put(tmp_path, row)
    with pytest.raises(InputError, match=message):
        pixel_table.read_rows("ck", tmp_path, clean(**others), 7)
