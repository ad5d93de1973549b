"""A hundred bad source files through `ingest` and `clean`: each ends with its one message."""

import lzma
import os

import pytest
from bad_files import (
    bomb,
    claiming_png,
    cut,
    damaged_inside,
    edit,
    encrypted,
    folder,
    link,
    of_a_million,
    of_unknown_method,
    pipe,
    put,
    remove,
    set_parameter,
    tarred,
    zip_bomb,
    zipped,
)
from small_run import FER2013, IEFDB, MINE, PNG

from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.pipeline import paths

PIXELS = " ".join(["7"] * 2304)
HEADER = "emotion,pixels,Usage"
VOTES = ",".join(("Usage", "Image name", *VOTE_COLUMNS))
TEN = ",".join(["10", *["0"] * 9])
TABLE, ARCHIVE = IEFDB / "ImageDescriptionWEmotions.csv", IEFDB / "Original.zip"
LABELS = MINE / "labels.csv"


def pictures(content: bytes | str, suffix: str = ""):
    """Put a table of pictures in place of the one that is there."""

    def change() -> None:
        remove(FER2013 / "fer2013.csv.gz")
        put(FER2013 / f"fer2013.csv{suffix}", content)

    return change


def a_row(pixels: str = PIXELS, emotion: str = "0", usage: str = "Training"):
    return pictures(f"{HEADER}\n0,{PIXELS},Training\n{emotion},{pixels},{usage}\n")


def votes(content: bytes | str):
    return lambda: put(FER2013 / "fer2013new.csv", content)


def a_vote(row: str):
    return votes(f"{VOTES}\nTraining,a.png,{TEN}\n{row}\n")


def photographs(content: bytes):
    def change() -> None:
        remove(IEFDB / "Original")
        put(ARCHIVE, content)

    return change


def both(*changes):
    return lambda: [change() for change in changes]


INGEST_FER2013 = {
    "no file": (
        lambda: folder(FER2013),
        "icml_face_data.csv or fer2013.csv is missing in .*Kaggle",
    ),
    "no folder": (lambda: remove(FER2013), "fer2013.csv is missing in data/source/files/fer2013"),
    "no votes": (lambda: remove(FER2013 / "fer2013new.csv"), "fer2013new.csv is missing.*FERPlus"),
    "empty": (pictures(b""), "fer2013.csv is an empty file"),
    "a page": (pictures(b"<!DOCTYPE html><p>log in"), "a web page in place of the file"),
    "a pointer": (pictures(b"version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
    "utf-16": (pictures(HEADER.encode("utf-16")), "UTF-16 text.*Save it as UTF-8"),
    "a picture": (pictures(PNG), "is a picture, expected a plain file"),
    "xz as gz": (pictures(lzma.compress(b"x"), ".gz"), "is an xz file, expected a gzip file"),
    "tar as csv": (pictures(tarred(b"x", "a")), "is a tar archive, expected a plain file"),
    "rar as zip": (pictures(b"Rar!\x1a\x07\x00", ".zip"), "is a RAR archive, expected a zip"),
    "gz cut": (lambda: cut(FER2013 / "fer2013.csv.gz"), "fer2013.csv.gz cannot be unpacked"),
    "gz bomb": (pictures(bomb(), ".gz"), "unpacks to more than 100 times its own size"),
    "xz damaged": (pictures(lzma.compress(b"x" * 99)[:-20], ".xz"), "cannot be unpacked"),
    "zip encrypted": (pictures(encrypted("fer2013.csv"), ".zip"), "cannot be unpacked.*encrypted"),
    "zip method": (pictures(of_unknown_method("fer2013.csv"), ".zip"), "compression method"),
    "zip damaged": (pictures(damaged_inside("fer2013.csv"), ".zip"), "Bad CRC-32"),
    "zip of a million": (pictures(of_a_million(), ".zip"), "more than 500000 files .most_files"),
    "zip of another": (pictures(zipped(b"x", "a.csv"), ".zip"), "holds none of"),
    "zip bomb": (pictures(zip_bomb("fer2013.csv"), ".zip"), "more than 100 times its own size"),
    "a folder": (lambda: folder(FER2013 / "fer2013.csv.gz"), "is missing.*Found: fer2013.csv.gz"),
    "a pipe": (lambda: pipe(FER2013 / "fer2013.csv.gz"), "is missing in"),
    "endless": (lambda: link(FER2013 / "fer2013.csv.gz", "/dev/zero"), "is missing in"),
    "a dead link": (lambda: link(FER2013 / "fer2013.csv.gz", "nowhere"), "is missing in"),
    "too much": (lambda: set_parameter("ingest.fer2013.largest_gib", 1e-6), "1e-06 GiB .largest_"),
    "pixel 256": (a_row(PIXELS[:-1] + "256"), "row 3: pixel '256' is no number from 0 to 255"),
    "pixel overflow": (a_row(PIXELS[:-1] + "4294967301"), "row 3: pixel '4294967301'"),
    "pixel signed": (a_row(PIXELS[:-1] + "+5"), "row 3: pixel '.5'"),
    "pixel padded": (a_row(PIXELS[:-1] + "007"), "row 3: pixel '007'"),
    "pixel arabic": (a_row(PIXELS[:-1] + "\u0665"), "row 3: pixel"),
    "pixels few": (a_row(PIXELS[:-2]), "row 3: found 2303 pixels, expected 2304"),
    "pixels blank": (a_row(""), "row 3: found 0 pixels"),
    "usage": (a_row(usage="Test"), "row 3: Usage is 'Test', expected one of PrivateTest"),
    "emotion": (a_row(emotion="7"), "row 3: emotion is '7'"),
    "no pixels": (pictures("emotion,Usage\n0,Training\n"), "column 'pixels' is missing"),
    "semicolons": (pictures("emotion;pixels;Usage\n"), "';' between them: save it with commas"),
    "twice a column": (pictures(f"{HEADER},Usage\n"), "column 'Usage' stands twice"),
    "header": (pictures(f"{HEADER}\n"), "holds no rows below its header"),
    "nul": (pictures(f"{HEADER}\n0,{PIXELS},Training\n\0"), "line 3 holds a NUL byte"),
    "cp1252": (pictures(f"{HEADER}\n0,é,Training\n".encode("cp1252")), "line 2 is no UTF-8"),
    "a long line": (pictures(f"{HEADER}\n0,{PIXELS * 20}"), "line 2 has more than 65536 bytes"),
    "many columns": (pictures("a," * 2000 + "\n"), "has 2001 columns, more than 1000"),
    "index column": (
        pictures(f"{HEADER}\n1,0,{PIXELS},Training\n2,0,{PIXELS},Training\n"),
        "more cells than",
    ),
    "open quote": (pictures(f'{HEADER}\n0,"{PIXELS},Training\n'), "nothing closes a quote"),
    "eleven votes": (a_vote(f"Training,b.png,{TEN[:-1]}1"), "row 3: 11 votes of 10 people"),
    "a word": (a_vote(f"Training,b.png,{TEN[:-1]}x"), "row 3: column 'NF' holds 'x'"),
    "a blank": (a_vote(f"Training,b.png,{TEN[:-1]}"), "row 3: column 'NF' holds ''"),
    "below 0": (a_vote(f"Training,b.png,{TEN[:-1]}-1"), "row 3: column 'NF' holds '-1'"),
    "a half": (a_vote(f"Training,b.png,{TEN[:-1]}0.5"), "row 3: column 'NF' holds '0.5'"),
    "usage of votes": (a_vote(f"Train,b.png,{TEN}"), "row 3: column 'Usage' holds 'Train'"),
    "a cell more": (a_vote(f"Training,b.png,{TEN},0"), "row 3: found 13 cells, expected 12"),
    "no NF": (votes(VOTES.removesuffix(",NF")), "column 'NF' is missing"),
    "no votes at all": (votes(VOTES), "fer2013new.csv holds no rows below its header"),
    "columns of votes": (votes("a," * 10_000), "has 10001 columns, more than 1000"),
    "a large table": (
        lambda: os.truncate(FER2013 / "fer2013new.csv", 65 << 20),
        "more than 64 MiB",
    ),
}

INGEST_IEFDB = {
    "no table": (lambda: remove(TABLE), "ImageDescriptionWEmotions.csv is missing"),
    "no pictures": (lambda: remove(IEFDB / "Original"), "Original.zip is missing"),
    "empty folder": (lambda: folder(IEFDB / "Original"), "Original.zip holds no pictures"),
    "a folder of pipes": (
        both(lambda: folder(IEFDB / "Original"), lambda: pipe(IEFDB / "Original/1.jpg")),
        "holds no pictures",
    ),
    "zip cut": (photographs(zipped(PNG, "1.png")[:-30]), "Original.zip cannot be unpacked"),
    "zip of words": (photographs(zipped(b"x", "1.txt")), "Original.zip holds no pictures"),
    "zip encrypted": (photographs(encrypted("1.png")), "cannot be unpacked"),
    "one name": (photographs(zipped(PNG, "a/1.png", "b/1.png")), "two pictures named 1.png"),
    "two of one": (photographs(zipped(PNG, "1.png", "1.jpg")), "two pictures of one PicNum"),
    "a long name": (photographs(zipped(PNG, "a" * 256 + ".png")), "a name too long"),
    "zip bomb": (photographs(zip_bomb("1.png")), "more than 100 times its own size"),
    "zip of a million": (photographs(of_a_million()), "more than 500000 files"),
    "too many": (
        lambda: set_parameter("ingest.iefdb.most_files", 2),
        "holds 3 pictures, more than",
    ),
    "too many in a zip": (
        both(
            photographs(zipped(PNG, "1.png", "2.png", "3.png")),
            lambda: set_parameter("ingest.iefdb.most_files", 2),
        ),
        "more than 2 files",
    ),
    "no PicNum": (lambda: edit(TABLE, "PicNum", "Number"), "column 'PicNum' is missing"),
    "PicNum twice": (lambda: edit(TABLE, "2,sad", "1,sad"), "row 3: column 'PicNum' holds '1'"),
    "PicNum blank": (lambda: edit(TABLE, "2,sad", " ,sad"), "row 3: column 'PicNum' holds"),
    "no expression": (
        lambda: edit(TABLE, "Intended", "True"),
        "column 'IntendedExpression' is miss",
    ),
}

INGEST_MINE = {
    "no folder": (lambda: remove(MINE), "mine is no folder"),
    "a file": (lambda: put(MINE), "mine is no folder"),
    "no pictures": (both(lambda: remove(MINE / "a"), lambda: remove(MINE / "b")), "no pictures"),
    "no table": (lambda: remove(LABELS), "has to hold one .csv.*found none"),
    "two tables": (lambda: put(MINE / "b.csv", "x"), "found b.csv, labels.csv"),
    "a pipe": (lambda: pipe(LABELS), "found none"),
    "endless": (lambda: link(LABELS, "/dev/zero"), "found none"),
    "one id": (lambda: put(MINE / "a/1.jpg", PNG), "a/1.jpg and .*a/1.png would get one image_id"),
    "one id by a line": (lambda: put(MINE / "a-1.png", PNG), "would get one image_id"),
    "cp1252": (lambda: put(LABELS, "file,é\n".encode("cp1252")), "labels.csv, line 1 is no UTF-8"),
    "a workbook": (lambda: put(LABELS, zipped(b"x", "xl/a.xml")), "labels.csv.*NUL|no UTF-8"),
    "too many": (
        lambda: set_parameter("ingest.mine.most_files", 1),
        "more than 1. Raise most_files",
    ),
    "layout": (
        lambda: set_parameter("ingest.mine.layout", "tables"),
        "layout is 'tables', expected",
    ),
    "no layout": (
        lambda: set_parameter("ingest.mine", {}),
        "ingest.mine.layout: Field required|there",
    ),
    "a limit of 0": (lambda: set_parameter("ingest.mine.most_files", 0), "greater than 0"),
    "a limit without end": (
        lambda: set_parameter("ingest.mine.largest_gib", float("inf")),
        "finite number",
    ),
    "a key": (lambda: set_parameter("ingest.mine.most_file", 3), "Did you mean 'most_files'"),
    "source": (lambda: set_parameter("source", "real"), "source is 'real', expected demo or files"),
    "nothing to paint": (lambda: set_parameter("source", "demo"), "demo/mine is no folder"),
}

RAW_VOTES, RAW_TABLE = paths.RAW / "fer2013/fer2013new.csv", paths.RAW / "mine/labels.csv"
RAW_LABELS = paths.RAW / "iefdb/ImageDescriptionWEmotions.csv"


def reversed_votes() -> None:
    """Exchange the rows within training, so that `Usage` shows nothing."""
    header, *rows = RAW_VOTES.read_text(encoding="utf-8").splitlines()
    rows = [
        f"{row.split(',')[0]},fer{n:07d}.png,{row.split(',', 2)[2]}" for n, row in enumerate(rows)
    ]
    put(RAW_VOTES, "\n".join([header, *rows[13::-1], *rows[14:]]))


CLEAN = {
    "fer2013: other usage": (
        lambda: edit(RAW_VOTES, "PublicTest", "PrivateTest"),
        "differ in row 16",
    ),
    "fer2013: a row less": (
        lambda: put(RAW_VOTES, RAW_VOTES.read_text().rsplit("\n", 1)[0]),
        "have 27 and 28 rows",
    ),
    "fer2013: exchanged": (reversed_votes, "stands below a name with a larger number"),
    "fer2013: no raw folder": (lambda: remove(paths.RAW), "holds neither icml_face_data.csv nor"),
    "fer2013: a parameter": (
        lambda: set_parameter("clean.fer2013.training_labels", "mine"),
        "'ferplus' or 'fer2013'",
    ),
    "fer2013: classes": (lambda: set_parameter("labels.classes", 9), "Input should be 7 or 8"),
    "fer2013: target": (
        lambda: set_parameter("labels.target", "mean"),
        "labels.target: Input should",
    ),
    "iefdb: spelling": (
        lambda: edit(RAW_LABELS, "sad", "sadly"),
        "row 3: 'sadly' is no known emotion",
    ),
    "iefdb: a column": (
        lambda: set_parameter("clean.iefdb.label_column", "Mood"),
        "column 'Mood' is missing",
    ),
    "iefdb: no raw folder": (
        lambda: remove(paths.RAW),
        "ImageDescriptionWEmotions.csv cannot be read",
    ),
    "iefdb: none kept": (
        lambda: [remove(paths.RAW / f"iefdb/Original/{n}.png") for n in (1, 2, 3)],
        "no row is kept .no_picture 3",
    ),
    "mine: spelling": (
        lambda: edit(RAW_TABLE, "sad", "sadly"),
        "row 3: 'sadly' is no known emotion",
    ),
    "mine: split": (lambda: edit(RAW_TABLE, "val", "hold"), "row 3: 'hold' is no split"),
    "mine: twice": (
        lambda: edit(RAW_TABLE, "a/2.png", "a/1.png"),
        "row 3: column 'file' names 'a/1'",
    ),
    "mine: up": (
        lambda: edit(RAW_TABLE, "a/2.png", "../../1.png"),
        "row 3: .*expected a path below",
    ),
    "mine: absolute": (lambda: edit(RAW_TABLE, "a/2.png", "/etc/a.png"), "expected a path below"),
    "mine: a drive": (lambda: edit(RAW_TABLE, "a/2.png", "C:\\a.png"), "expected a path below"),
    "mine: an address": (lambda: edit(RAW_TABLE, "a/2.png", "https://a.org/a.png"), "a path below"),
    "mine: capitals": (lambda: edit(RAW_TABLE, "a/2.png", "A/2.png"), "the same capitals"),
    "mine: blank": (lambda: edit(RAW_TABLE, "a/2.png", ""), "row 3: column 'file' names '.'"),
    "mine: none kept": (
        lambda: [edit(RAW_TABLE, f"{name}.png", f"x{name}") for name in ("a/1", "a/2", "b/1")],
        "mine: no row is kept .no_label 3, no_picture 3",
    ),
    "mine: a column": (
        lambda: set_parameter("clean.mine.file_column", "name"),
        "'name' is missing",
    ),
    "mine: a meaning": (
        lambda: set_parameter("clean.mine.labels", {"joy": "happy"}),
        "labels: 'happy' is none of",
    ),
    "mine: a rule": (
        lambda: set_parameter("clean.mine.split", "rest"),
        "split is 'rest', expected",
    ),
    "mine: shares": (
        lambda: set_parameter("clean.mine.split", {"training": 0.9, "test": 0.2}),
        "add up to 1.1",
    ),
    "mine: a share without end": (
        lambda: set_parameter("clean.mine.split", {"training": float("nan")}),
        "clean.mine.split",
    ),
    "mine: no raw folder": (lambda: remove(paths.RAW), "has to hold one .csv"),
    "other: no section": (lambda: None, "there is no ingest.other.layout"),
}

CASES = [
    *(("ingest fer2013", *case) for case in INGEST_FER2013.items()),
    *(("ingest iefdb", *case) for case in INGEST_IEFDB.items()),
    *(("ingest mine", *case) for case in INGEST_MINE.items()),
    *(
        ("ingest Mine", name, (lambda: None, "'Mine' in datasets is no possible name"))
        for name in ("a name",)
    ),
    *((f"clean {name.partition(':')[0]}", name, case) for name, case in CLEAN.items()),
]


@pytest.mark.parametrize(
    ("command", "case"),
    [pytest.param(command, case, id=f"{command}, {name}") for command, name, case in CASES],
)
def test_a_bad_source_ends_with_one_message(in_copy, refused, command, case):
    change, message = case
    change()
    refused(command, message)


def test_what_is_no_mistake_of_the_whole_is_rejected_and_counted(in_copy, outcome_of):
    for name, content in (("1", claiming_png(32_000, 32_000)), ("2", claiming_png(10**6, 1000))):
        put(paths.RAW / f"iefdb/Original/{name}.png", content)
    edit(RAW_LABELS, "3,fear", "../../../../etc/passwd,fear")
    assert "2 kept, 2 rejected" in outcome_of("clean iefdb").output
    assert "1 pictures, 2 unreadable" in outcome_of("render iefdb").output
