"""The embedded data set: repeatable, and with every trap of the real one."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.datasets.layouts import fer2013_tables, iefdb
from expressions.datasets.synthetic import layouts as synthetic
from expressions.datasets.synthetic.action_units import EXPRESSIONS, ActionUnits, blend
from expressions.datasets.synthetic.faces import paint, random_identity, random_view
from expressions.labels import ferplus
from expressions.labels.emotions import EMOTIONS, canonical
from expressions.pictures.decoding import decode

VOTES = list(ferplus.VOTE_COLUMNS)
RECIPE = synthetic.Fer2013Recipe(seed=1, training=240, validation=48, test=36)


def write(folder: Path, recipe: synthetic.Fer2013Recipe = RECIPE) -> Path:
    folder.mkdir()
    synthetic.write_fer2013(folder, recipe)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("synthetic") / "first")


@pytest.fixture(scope="module")
def votes(folder) -> pd.DataFrame:
    return fer2013_tables.read_votes(folder / "fer2013new.csv")


@pytest.fixture(scope="module")
def pixels(folder) -> np.ndarray:
    return np.concatenate(
        [b.pixels for b in fer2013_tables.read_pictures(folder / "icml_face_data.csv")]
    )


def test_the_same_recipe_gives_the_same_bytes(folder, tmp_path):
    again = write(tmp_path / "again")
    for name in ("icml_face_data.csv", "fer2013new.csv"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_a_larger_split_leaves_the_others_as_they_are(folder, tmp_path):
    larger = write(tmp_path / "larger", RECIPE.model_copy(update={"test": 40}))
    before = (folder / "icml_face_data.csv").read_text().splitlines()
    after = (larger / "icml_face_data.csv").read_text().splitlines()
    pixels = [[line.rsplit(",", 1)[1] for line in lines[1:289]] for lines in (before, after)]
    assert pixels[0] == pixels[1]


def test_headers_are_those_of_the_sources(folder):
    pictures = (folder / "icml_face_data.csv").read_bytes()
    assert pictures.startswith(b"emotion, Usage, pixels\n")
    assert (folder / "fer2013new.csv").read_text().splitlines()[0] == ",".join(
        ["Usage", "Image name", *VOTES]
    )


def test_names_are_no_keys(votes):
    names = votes["Image name"]
    assert (names == "").sum() == synthetic.BLANK_NAMES
    assert names[(names != "") & names.duplicated()].nunique() == synthetic.REPEATED_NAMES
    numbers = pd.to_numeric(names.str.slice(3, 10), errors="coerce")
    agreeing = (numbers == np.arange(len(votes))).sum()
    assert 0 < agreeing <= synthetic.NAME_SKIPS_EVERY
    assert (votes.loc[names == "", "NF"] == 10).all()


def test_one_row_has_nine_votes(votes):
    sums = votes[VOTES].sum(axis=1)
    assert sums[sums != 10].to_dict() == {synthetic.NINE_VOTES_ROW: 9}


def test_black_pictures_are_no_faces(votes, pixels):
    black = pixels.reshape(len(pixels), -1).max(axis=1) == 0
    assert black.sum() == synthetic.BLACK_PICTURES
    assert (votes.loc[black, "NF"] == 10).all()


def test_twins_cross_the_splits_and_carry_the_same_votes(votes, pixels):
    usage = votes["Usage"].to_numpy()
    seen: dict[bytes, int] = {}
    crossing = Counter()
    for row, picture in enumerate(pixels):
        twin = seen.setdefault(picture.tobytes(), row)
        if twin != row and picture.max() > 0 and votes["NF"][row] < 10:
            assert votes.loc[row, VOTES].tolist() == votes.loc[twin, VOTES].tolist()
            crossing[usage[twin], usage[row]] += 1
    every = synthetic.TWIN_EVERY
    assert crossing["Training", "PublicTest"] == RECIPE.validation // every
    assert crossing["Training", "PrivateTest"] == RECIPE.test // every
    assert crossing["Training", "Training"] > 0


def test_there_is_contempt_doubt_and_disagreement(votes):
    counts = votes[VOTES].to_numpy()
    winner = ferplus.most_votes(counts)
    assert (winner == VOTES.index("contempt")).sum() > 0
    assert (winner == VOTES.index("unknown")).sum() > 0
    usual = winner < 7
    assert (usual & ~ferplus.majority(counts)).sum() > 0
    assert len(set(winner[usual])) == 7


def test_fer2013s_own_labels_often_differ(folder, votes):
    _, codes = fer2013_tables.read_columns(folder / "icml_face_data.csv")
    own = np.array([fer2013_tables.EMOTION_CODES[int(code)] for code in codes])
    seen = np.array(VOTES)[ferplus.most_votes(votes[VOTES].to_numpy())]
    usual = np.isin(seen, EMOTIONS[:7])
    assert 0.5 < (own == seen)[usual].mean() < 0.8


def test_the_embedded_photographs(tmp_path):
    synthetic.write_iefdb(tmp_path, synthetic.IefdbRecipe(seed=1, photographs=9))
    labels = iefdb.read_labels(tmp_path / iefdb.LABELS.names[0])
    photographs = iefdb.find_photographs(tmp_path / iefdb.PICTURE_FOLDER)
    assert labels["PicNum"].tolist() == list(photographs)
    named = canonical(labels["IntendedExpression"].tolist(), "table")
    assert named[:7] == list(EMOTIONS[:7])
    for path in photographs.values():
        picture = decode(path.read_bytes())
        assert picture.ndim == 3
        assert min(picture.shape[:2]) >= 380


units = st.builds(ActionUnits, *[st.floats(0, 1)] * len(ActionUnits.__dataclass_fields__))


@given(units, st.integers(0, 2**32))
def test_any_action_units_make_a_picture(action_units, seed):
    rng = np.random.default_rng(seed)
    picture = paint(action_units, random_identity(rng), random_view(rng), (120, 120, 120), 100)
    assert picture.shape == (100, 100, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 5


@pytest.mark.parametrize(
    ("unit", "upper_half"),
    [
        ("inner_brow_raiser", True),
        ("brow_lowerer", True),
        ("upper_lid_raiser", True),
        ("lid_tightener", True),
        ("outer_brow_raiser", True),
        ("lip_corner_puller", False),
        ("lip_corner_depressor", False),
        ("lower_lip_depressor", False),
        ("lip_stretcher", False),
        ("lips_part", False),
        ("chin_raiser", False),
        ("jaw_drop", False),
    ],
)
def test_an_action_unit_moves_its_part_of_the_face(unit, upper_half):
    rng = np.random.default_rng(3)
    identity, view = random_identity(rng), random_view(rng)
    still = paint(ActionUnits(), identity, view, (120, 120, 120), 150).astype(int)
    moved = paint(ActionUnits(**{unit: 1.0}), identity, view, (120, 120, 120), 150).astype(int)
    rows = np.abs(moved - still).sum(axis=(1, 2))
    above, below = rows[:78].sum(), rows[78:].sum()
    assert (above > below) == upper_half


def test_blends_are_limited_and_neutral_is_no_movement():
    assert blend({"neutral": 1.0}) == ActionUnits()
    assert blend({"happiness": 1.0}) == EXPRESSIONS["happiness"]
    assert blend({"surprise": 1.0, "fear": 1.0}).inner_brow_raiser == 1.0
