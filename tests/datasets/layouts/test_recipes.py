"""Other people's data sets: small ones in their forms, read as docs/datasets.md says."""

from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest
import yaml
from helpers import ROOT, code_blocks

from expressions.datasets.layout import LAYOUTS, find_layout, read_limits
from expressions.faces.cropping import Crop
from expressions.labels.emotions import EMOTIONS
from expressions.labels.tables import Rows
from expressions.pictures.files import decode_png
from expressions.pipeline.parameters import read_section

PAGE = ROOT / "docs/datasets.md"


def recipes() -> dict[str, dict[str, Any]]:
    """The page's sections of each data set that only this page describes, by its name.

    A later block with some of them is for another form of the data set.
    """
    merged: dict[str, dict[str, Any]] = {}
    for block in map(yaml.safe_load, code_blocks(PAGE, "yaml")):
        for name in block["ingest"].keys() - {"fer2013"}:
            sections = {key: {name: block[key][name]} for key in ("ingest", "clean", "crop")
                        if key in block}  # fmt: skip
            if name in merged:
                clean = merged[name]["clean"][name] | sections["clean"][name]
                other = {"ingest": sections["ingest"], "clean": {name: clean}}
                merged[f"{name}, other form"] = merged[name] | other
            else:
                merged[name] = sections
    return merged


RECIPES = recipes()


def put(folder: Path, *names: str) -> None:
    """Grey pictures, each with a value of its own."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((40, 40), number % 256, np.uint8))


def put_rafdb(folder: Path) -> None:
    rows = [f"train_{n:05d}.jpg {n % 7 + 1}" for n in range(40)]
    rows += [f"test_{n:05d}.jpg {n % 7 + 1}" for n in range(7)]
    (folder / "list_patition_label.txt").write_text("\n".join([*rows, "train_99999.jpg 1"]))
    put(folder / "aligned", *(row.split(".")[0] + "_aligned.jpg" for row in rows))
    put(folder / "aligned", "train_00077_aligned.jpg")


def put_affectnet(folder: Path) -> None:
    put(folder, *(f"train_class/class{code:03d}/{n}.jpg" for code in range(11) for n in range(30)))
    put(folder, *(f"val_class/{code}/{n}.jpg" for code in range(8) for n in range(2)))
    put(folder, "train_class/readme/logo.png")


def put_affectnet_with_arrays(folder: Path) -> None:
    """With codes in files, as text or numbers, gathered by the page's code."""
    for split, count in (("train", 240), ("val", 16)):
        put(folder / f"{split}_set/images", *(f"{n}.jpg" for n in range(count)))
        (folder / f"{split}_set/annotations").mkdir()
        for n in range(count):
            code = np.array(str(n % 8)) if split == "train" else np.int64(n % 8)
            np.save(folder / f"{split}_set/annotations/{n}_exp.npy", code)
            np.save(folder / f"{split}_set/annotations/{n}_val.npy", np.float64(0.5))
    with chdir(folder):
        [block] = code_blocks(PAGE, "python")
        exec(compile(block, PAGE.name, "exec"), {})  # noqa: S102


def put_expw(folder: Path) -> None:
    rows = [f"a_{n}.jpg {n % 2} 10 5 30 30 58.5 {n % 7}" for n in range(20)]
    rows += [f"b_{n}.jpg {face} 0 0 9 9 9 3" for n in range(30) for face in range(3)]
    rows += ["a_0.jpg 0 10 5 30 30 58.5 0", "c.jpg 0 1 1 9 9 9 0", "c.jpg 0 1 1 9 9 9 1"]
    rows += ["c.jpg 1 5 9 9 9 9 0", "c.jpg 2 90 90 99 99 9 2"]
    (folder / "label.lst").write_text("\n".join(rows) + "\n")
    put(folder / "origin", *(f"a_{n}.jpg" for n in range(20)), *(f"b_{n}.jpg" for n in range(30)))
    put(folder / "origin", "c.jpg")


def put_pixels(folder: Path) -> None:
    usages = ["Training", "PublicTest", "PrivateTest"]
    rows = ["emotion,pixels,Usage"]
    rows += [f"{n % 7},{' '.join([str(n)] * 2304)},{usages[n % 3]}" for n in range(14)]
    (folder / "ckextended.csv").write_text("\n".join(rows))


def put_ckplus(folder: Path) -> None:
    put_pixels(folder)
    with (folder / "ckextended.csv").open("a") as file:
        file.write(f"\n7,{' '.join(['9'] * 2304)},Training\n")


def put_jaffe(folder: Path) -> None:
    codes = ("AN", "DI", "FE", "HA", "NE", "SA", "SU")
    names = [
        f"{who}.{code}{n}.{39 + n}.tiff" for who in ("KA", "YM") for code in codes for n in (1, 2)
    ]
    put(folder, *names, "README.png")


def put_kdef(folder: Path) -> None:
    codes = ("AF", "AN", "DI", "HA", "NE", "SA", "SU")
    for person in (f"{sex}{n:02d}" for sex in "FM" for n in range(1, 21)):
        names = [f"{side}{person}{code}{angle}.JPG" for side in "AB" for code in codes
                 for angle in ("S", "HL", "FR")]  # fmt: skip
        put(folder / f"A{person}", *(names if person == "F01" else names[::8]))


class Expected(NamedTuple):
    put: Callable[[Path], None]
    splits: set[str]
    rejected: dict[str, int]
    labels: int = 7


EXPECTED = {
    "rafdb": Expected(
        put_rafdb, {"training", "validation", "test"}, {"no_picture": 1, "no_label": 1}
    ),
    "affectnet": Expected(
        put_affectnet,
        {"training", "validation", "test"},
        {"unknown": 60, "not_a_face": 30, "other_name": 1},
        labels=8,
    ),
    "affectnet, other form": Expected(
        put_affectnet_with_arrays, {"training", "validation", "test"}, {}, labels=8
    ),
    "expw": Expected(
        put_expw,
        {"training", "validation", "test"},
        {"repeated": 1, "contradicted": 2, "no_box": 1},
    ),
    "ckplus": Expected(put_ckplus, {"ckplus"}, {}, labels=8),
    "jaffe": Expected(put_jaffe, {"jaffe"}, {"other_name": 1}),
    "kdef": Expected(put_kdef, {"training", "validation", "test"}, {"other_name": 28 + 39 * 4}),
    "fer2013_alone": Expected(put_pixels, {"training", "validation", "test"}, {}),
}


class Run(NamedTuple):
    rows: Rows
    pictures: dict[str, bytes | None]


@pytest.fixture
def run(tmp_path, monkeypatch) -> Callable[..., Run]:
    """Take, label and render a data set with the page's parameters, or with others."""
    monkeypatch.chdir(tmp_path)

    def _run(form: str, **clean: Any) -> Run:
        [name] = RECIPES[form]["ingest"]
        recipe = RECIPES[form] | {"clean": {name: RECIPES[form]["clean"][name] | clean}}
        Path("params.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
        Path("in").mkdir()
        Path("raw").mkdir()
        EXPECTED[form].put(Path("in"))
        layout = find_layout(name)
        layout.take(Path("in"), Path("raw"), read_limits(name))
        section = read_section(layout.Clean, f"clean.{name}")
        rows = layout.read_rows(name, Path("raw"), section, len(EMOTIONS))
        return Run(rows, dict(layout.render(name, Path("raw"))))

    return _run


def test_every_recipe_is_tested_and_can_be_cropped():
    assert EXPECTED.keys() == RECIPES.keys()
    for recipe in RECIPES.values():
        [crop] = recipe["crop"].values()
        Crop.model_validate(crop)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_data_set_is_read_as_the_page_says(run, name):
    expected = EXPECTED[name]
    (kept, rejected), pictures = run(name)
    assert set(kept["split"]) == expected.splits
    assert set(kept["label"]) == set(EMOTIONS[: expected.labels])
    assert Counter(rejected["reason"]) == expected.rejected
    assert list(pictures) == sorted(pictures)
    assert set(kept["image_id"]) <= pictures.keys()


def test_rafdb_is_labelled_by_its_list_and_split_by_its_names(run):
    kept, rejected = run("rafdb").rows
    rows = kept.set_index("image_id")
    assert rows.loc["rafdb-aligned-test_00000_aligned"].tolist() == ["test", "surprise"]
    assert rows.loc["rafdb-aligned-test_00006_aligned", "label"] == "neutral"
    of_train = rows[rows.index.str.contains("train")]["split"]
    assert len(of_train) == 40
    assert set(of_train) == {"training", "validation"}
    assert set(rejected["image_id"]) == {
        "rafdb-aligned-train_00077_aligned", "rafdb-aligned-train_99999_aligned",
    }  # fmt: skip


def test_rafdbs_test_pictures_may_be_measured_apart(run):
    kept, _ = run("rafdb", splits={"train": "training", "test": "rafdb"}).rows
    assert Counter(kept["split"]) == {"training": 40, "rafdb": 7}


def test_expws_faces_are_cut_out_by_their_boxes_and_stay_together(run):
    rows, pictures = run("expw")
    splits = rows.kept.set_index("image_id")["split"]
    for number in range(30):
        assert len({splits[f"expw-origin-b_{number}-{face}"] for face in range(3)}) == 1
    # Twenty high, twenty-five wide: a square of the longer side and thirty percent around it.
    face = decode_png(pictures["expw-origin-a_3-1"] or b"")
    assert face is not None
    assert face.shape == (40, 40)
    assert set(np.unique(face)) <= {2, 3, 4}, "its own picture's grey, as JPEG keeps it"
    assert pictures["expw-origin-c-2"] is None, "a box beside the picture"
    assert "expw-origin-c-1" not in pictures


def test_kdefs_persons_are_shared_out_whole(run):
    kept, _ = run("kdef").rows
    persons = kept.assign(person=kept["image_id"].str.extract(r"[AB]([FM]\d\d)[A-Z]+S$")[0])
    assert (persons.groupby("person")["split"].nunique() == 1).all()
    assert persons["person"].nunique() == 40


def test_a_table_of_pixels_keeps_its_pictures_and_rows(run):
    (kept, _), pictures = run("fer2013_alone")
    assert kept.iloc[4].tolist() == ["fer2013_alone-00004", "validation", "sadness"]
    picture = decode_png(pictures["fer2013_alone-00004"] or b"")
    assert picture is not None
    assert picture.shape == (48, 48)
    assert (picture == 4).all()


def test_the_third_data_set_is_one_of_the_page():
    block = yaml.safe_load(code_blocks(PAGE, "yaml")[-1])
    assert set(block["datasets"]) == {"rafdb", "jaffe", *block["ingest"]}
    for name, section in block["ingest"].items():
        LAYOUTS[section["layout"]].Clean.model_validate(block["clean"][name])
