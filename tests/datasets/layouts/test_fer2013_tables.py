"""The tables of FER-2013 and FER+, with every kind of damage."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.datasets.layouts import fer2013_tables
from expressions.errors import InputError
from expressions.labels.ferplus import VOTE_COLUMNS

PIXELS = 48 * 48
KAGGLE = "emotion, Usage, pixels"
OLD = "emotion,pixels,Usage"


def write_pictures(path: Path, pixels: np.ndarray, header: str = KAGGLE, end: str = "\n") -> None:
    rows = [header]
    for number, picture in enumerate(pixels):
        values = {
            "emotion": str(number % 7),
            "Usage": list(fer2013_tables.SPLITS)[number % 3],
            "pixels": " ".join(map(str, picture.ravel())),
        }
        rows.append(",".join(values[name.strip()] for name in header.split(",")))
    path.write_text(end.join(rows) + end, encoding="utf-8", newline="")


def read_all(path: Path) -> np.ndarray:
    return np.concatenate([block.pixels for block in fer2013_tables.read_pictures(path)])


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)


@pytest.mark.parametrize("header", [KAGGLE, OLD])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pixels_come_back_from_every_layout(tmp_path, pixels, header, end):
    write_pictures(tmp_path / "pictures.csv", pixels, header, end)
    assert np.array_equal(read_all(tmp_path / "pictures.csv"), pixels)
    usage, codes = fer2013_tables.read_columns(tmp_path / "pictures.csv")
    assert codes == ["0", "1", "2", "3", "4"]
    assert usage[:2] == ["Training", "PublicTest"]


@pytest.mark.parser
@given(hnp.arrays(np.uint8, (2, 48, 48)))
def test_any_pixels_come_back(tmp_path_factory, pixels):
    path = tmp_path_factory.mktemp("any") / "pictures.csv"
    write_pictures(path, pixels)
    assert np.array_equal(read_all(path), pixels)


def test_blocks_number_their_rows(tmp_path, pixels, monkeypatch):
    monkeypatch.setattr(fer2013_tables, "BLOCK_ROWS", 2)
    write_pictures(tmp_path / "pictures.csv", pixels)
    blocks = list(fer2013_tables.read_pictures(tmp_path / "pictures.csv"))
    assert [block.first_row for block in blocks] == [0, 2, 4]
    assert np.array_equal(np.concatenate([block.pixels for block in blocks]), pixels)


def damage(path: Path, row: int, change) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[row - 1] = change(lines[row - 1])
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line.rsplit(" ", 1)[0], f"row 3: found {PIXELS - 1} pixels"),
        (lambda line: line + " 7", f"row 3: found {PIXELS + 1} pixels"),
        (lambda line: line.rsplit(" ", 1)[0] + " 256", "row 3: pixel '256'"),
        (lambda line: line.rsplit(" ", 1)[0] + " -1", "row 3: pixel '-1'"),
        (lambda line: line.rsplit(" ", 1)[0] + " 1x", "row 3: pixel '1x'"),
        (lambda line: line.rsplit(" ", 1)[0] + " +5", r"row 3: pixel '\+5'"),
        (lambda line: line.rsplit(" ", 1)[0] + " 007", "row 3: pixel '007'"),
        (lambda line: line.rsplit(" ", 1)[0] + " 00", "row 3: pixel '00'"),
        (lambda line: line.rsplit(" ", 1)[0] + " -0", "row 3: pixel '-0'"),
        (lambda line: line.rsplit(" ", 1)[0] + " 5.0", r"row 3: pixel '5\.0'"),
        (lambda line: line.rsplit(" ", 1)[0] + " 4294967301", "row 3: pixel '4294967301'"),
        (lambda line: line.rsplit(" ", 1)[0] + " \u0665", "row 3: pixel '\u0665'"),
        (lambda line: line.rsplit(" ", 1)[0] + " \uff15", "row 3: pixel '\uff15'"),
        (lambda line: line.rsplit(" ", 1)[0] + "\t5", "row 3: pixel"),
        (lambda line: line.rsplit(" ", 1)[0] + "\u00a05", "row 3: pixel"),
        (lambda line: "0" + line, "row 3: emotion is '01'"),
        (lambda line: line.replace("PublicTest", "Public"), "row 3: Usage is 'Public'"),
        (lambda line: "9" + line[1:], "row 3: emotion is '9'"),
    ],
)
def test_a_damaged_row_is_named(tmp_path, pixels, change, message):
    path = tmp_path / "pictures.csv"
    write_pictures(path, pixels)
    damage(path, 3, change)
    with pytest.raises(InputError, match=message):
        read_all(path)


def test_a_row_too_short_beside_one_too_long_is_noticed(tmp_path, pixels):
    path = tmp_path / "pictures.csv"
    write_pictures(path, pixels)
    damage(path, 2, lambda line: line.rsplit(" ", 1)[0])
    damage(path, 3, lambda line: line + " 7")
    with pytest.raises(InputError, match=f"row 2: found {PIXELS - 1} pixels"):
        read_all(path)


def test_blanks_more_than_one_do_no_harm(tmp_path, pixels):
    path = tmp_path / "pictures.csv"
    write_pictures(path, pixels)
    damage(path, 3, lambda line: line.replace(" ", "  ", 7) + " ")
    assert np.array_equal(read_all(path), pixels)


@pytest.mark.parser
@given(st.integers(0, 2303), st.text(max_size=4) | st.sampled_from(["+5", "007", "4294967301"]))
def test_what_is_parsed_is_what_stands_there(place, number):
    texts = [" ".join(["12"] * place + [number] + ["7"] * (2303 - place)), " ".join(["3"] * 2304)]
    parsed = fer2013_tables.parse_pixels(texts)
    assert (parsed is not None) == (number in map(str, range(256)))
    if parsed is not None:
        assert parsed[0].ravel()[place] == int(number)


NUMBERS = st.integers(-1, 300).map(str) | st.sampled_from(["007", "+5", "", "5.0", "\u0665"])


@pytest.mark.parser
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["0", "6", "7", "01"]),
            st.sampled_from([*fer2013_tables.SPLITS, "test", ""]),
            st.lists(NUMBERS, max_size=3),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_every_row_becomes_a_picture_or_there_is_one_message(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "rows.csv"
    lines = [
        f"{emotion},{usage},{' '.join([*numbers, *['7'] * (PIXELS - len(numbers))])}"
        for emotion, usage, numbers in rows
    ]
    path.write_text("\n".join([KAGGLE, *lines]), encoding="utf-8")
    try:
        pixels = read_all(path)
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017
        return
    assert len(pixels) == len(rows)
    for picture, (_, _, numbers) in zip(pixels, rows, strict=True):
        assert [str(value) for value in picture.ravel()[: len(numbers)]] == numbers


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "pictures.csv").write_text("emotion,pixels\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'Usage' is missing"):
        read_all(tmp_path / "pictures.csv")


VOTES_HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Training,fer0.png,4,0,0,1,3,2,0,0,0,x", "row 3: column 'NF' holds 'x'"),
        ("Training,fer0.png,4,0,0,1,3,2,0,0,0,", "row 3: column 'NF'"),
        ("Training,fer0.png,4,0,0,1,3,2,0,0,0,11", "row 3: column 'NF' holds '11'"),
        ("Training,fer0.png,4,0,0,1,3,2,0,0,0,1", "row 3: 11 votes of 10 people"),
        ("Training,fer0.png,10,10,10,10,10,10,10,10,10,10", "row 3: 100 votes of 10 people"),
        ("Traning,fer0.png,4,0,0,1,3,2,0,0,0,0", "row 3: column 'Usage' holds 'Traning'"),
    ],
)
def test_a_vote_that_cannot_be_is_named(tmp_path, row, message):
    good = "Training,fer0.png,4,0,0,1,3,2,0,0,0,0"
    (tmp_path / "votes.csv").write_text(f"{VOTES_HEADER}\n{good}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        fer2013_tables.read_votes(tmp_path / "votes.csv")


def test_blank_names_of_pictures_are_allowed(tmp_path):
    row = "Training,,0,0,0,0,0,0,0,0,0,10"
    (tmp_path / "votes.csv").write_text(f"{VOTES_HEADER}\n{row}\n{row}\n", encoding="utf-8")
    assert fer2013_tables.read_votes(tmp_path / "votes.csv")["Image name"].tolist() == ["", ""]


@pytest.mark.parser
@given(st.lists(st.text(max_size=3) | st.integers(-1, 12).map(str), min_size=10, max_size=10))
def test_votes_are_ten_numbers_of_ten_people_or_an_error(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("votes") / "votes.csv"
    row = {"Usage": "Training", "Image name": ""} | dict(zip(VOTE_COLUMNS, cells, strict=True))
    pd.DataFrame([row]).to_csv(path, index=False, encoding="utf-8", errors="replace")
    with suppress(InputError):
        votes = fer2013_tables.read_votes(path)[list(VOTE_COLUMNS)].to_numpy()
        assert votes.tolist() == [[int(cell) for cell in cells]]
        assert votes.min() >= 0
        assert votes.sum() <= 10
