"""Faces found in real files and cut out: what is taken, listed and kept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from crop_run import CROP, FACES, IMAGES, PHOTOGRAPHS, crop, photograph, render, run, save
from helpers import ROOT
from PIL import Image

from expressions.errors import InputError
from expressions.faces import shards as face_shards
from expressions.faces.cropping import SourcePicture, crop_pictures
from expressions.faces.detection.mtcnn import Detector
from expressions.faces.framing import Crop
from expressions.faces.shards import copy_shards, crop_shards
from expressions.pictures.files import Picture, encode_png
from expressions.pictures.shards import read_pictures, read_shard, shard_paths, write_shards
from expressions.pipeline.parameters import read_section


def stage(name: str) -> str:
    """Run a stage on the photographs; what it prints."""
    command = [sys.executable, "-m", f"stages.{name}", "iefdb"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_the_stages_list_every_picture_with_what_was_done(repository):
    stage("render")
    said = stage("crop").splitlines()[-1]
    table = pd.read_csv("data/faces/iefdb.csv").set_index("image_id")
    assert len(table) == PHOTOGRAPHS + 3
    assert table["action"].value_counts().to_dict() == {
        "aligned": PHOTOGRAPHS + 1, "no_face": 1, "unreadable": 1
    }  # fmt: skip
    assert table.loc["iefdb-two", "faces"] == 2
    assert said == (
        f"iefdb: {PHOTOGRAPHS + 3} pictures: 0 unchanged, {PHOTOGRAPHS + 1} found, 1 several, "
        "1 none, 1 rejected"
    )
    assert Path("data/faces/iefdb.preview.png").exists()


def test_any_number_of_workers_gives_the_same_bytes(repository, expected):
    assert run() == expected


def test_pictures_that_are_taken_as_they_are_keep_every_byte(repository):
    render()
    table = copy_shards(IMAGES, FACES)
    before, after = (
        [path.read_bytes() for path in shard_paths(folder)] for folder in (IMAGES, FACES)
    )
    assert before == after
    assert len(table) == PHOTOGRAPHS + 2
    assert set(table["action"]) == {"unchanged"}


def test_a_shard_without_pictures_stays_one(repository):
    write_shards(IMAGES, 3, [("one", cv2.imencode(".png", photograph(4))[1].tobytes())])
    table = crop_shards(IMAGES, FACES, CROP).table()
    assert table["action"].tolist() == ["aligned"]
    assert [len(list(read_shard(path))) for path in shard_paths(FACES)].count(0) == 2


def test_the_largest_face_is_taken_and_the_others_are_listed(repository):
    run()
    taken = pd.read_csv("data/faces/iefdb.csv").set_index("image_id").loc["iefdb-two"]
    others = pd.read_csv("data/faces/iefdb.others.csv")
    assert others["image_id"].tolist() == ["iefdb-two"]
    other = others.iloc[0]
    assert taken["width"] * taken["height"] > other["width"] * other["height"]
    assert set(others.columns) == set(taken.index) - {"action", "faces"} | {"image_id"}


def test_small_tasks_and_batches_give_the_same_bytes(repository, expected, monkeypatch):
    monkeypatch.setattr(face_shards, "_PICTURES_A_TASK", 3)
    monkeypatch.setattr("expressions.faces.cropping._VALUES_AT_ONCE", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    assert run() == expected


def counted(monkeypatch) -> list[int]:
    """How many pictures each call of the detector gets."""
    calls: list[int] = []
    detect = Detector.detect

    def count(detector, pictures):
        calls.append(len(pictures))
        return detect(detector, pictures)

    monkeypatch.setattr(Detector, "detect", count)
    return calls


def test_only_new_pictures_are_looked_at_and_the_bytes_are_those_of_a_full_run(
    repository, expected, monkeypatch
):
    added = repository / "data/raw/iefdb/Original/07.jpg"
    content = added.read_bytes()
    added.unlink()
    calls = counted(monkeypatch)
    assert run() != expected
    assert sum(calls) == PHOTOGRAPHS + 1
    added.write_bytes(content)
    calls.clear()
    assert run() == expected
    assert sum(calls) == 1
    calls.clear()
    shutil.rmtree(".cache")
    assert run() == expected
    assert sum(calls) == PHOTOGRAPHS + 2


def test_a_damaged_picture_is_named(repository):
    render()
    shard = shard_paths(Path("data/images/iefdb"))[0]
    content = bytearray(shard.read_bytes())
    start = content.index(b"\x89PNG")
    content[start : start + 4] = b"none"
    shard.write_bytes(content)
    with pytest.raises(InputError, match=r"00\.zip is damaged .*'iefdb-.*\.png'.*Run `dvc repro`"):
        crop()
    assert not Path("data/faces/iefdb").exists()


def write_kinds(folder: Path, picture: Picture) -> None:
    """One photograph in every kind of file that people have."""
    rgb = Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    rgb.save(folder / "colour.png")
    rgb.convert("L").save(folder / "grey.png")
    rgb.convert("RGBA").save(folder / "alpha.png")
    rgb.convert("LA").save(folder / "grey-alpha.png")
    rgb.quantize(256).save(folder / "palette.png")
    rgb.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    rgb.save(folder / "progressive.jpg", quality=95, progressive=True)
    # The low byte is not the high one, so that cutting either off shows.
    deep = picture.astype(np.uint16) * 256 + 100
    save(folder / "deep.png", deep)
    save(folder / "deep-grey.png", cv2.cvtColor(deep, cv2.COLOR_BGR2GRAY))
    # Turned, with the tag that says how to turn back.
    for tag, turned in ((3, rgb.rotate(180)), (6, rgb.rotate(90, expand=True))):
        exif = Image.Exif()
        exif[0x0112] = tag
        turned.save(folder / f"exif-{tag}.jpg", quality=95, exif=exif)


def test_every_kind_of_file_gives_the_same_face(repository):
    raw = repository / "data/raw/iefdb/Original"
    for path in raw.iterdir():
        path.unlink()
    picture = photograph(4)
    write_kinds(raw, picture)
    run()
    table = pd.read_csv("data/faces/iefdb.csv").set_index("image_id")
    assert len(table) == 11
    assert (table["action"] == "aligned").all()
    box = table.loc["iefdb-colour", ["x", "y", "width", "height"]].astype(float)
    for name, row in table.iterrows():
        assert abs(row[box.index].astype(float) - box).max() < 12, name
    images = dict(read_pictures(Path("data/images/iefdb"), table.index))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    for name, png in images.items():
        shown = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert shown.shape == grey.shape, name
        # Nothing is cut off, turned dark or inverted on the way.
        assert abs(shown.astype(float) - grey).mean() < 4, name


def test_the_margin_widens_and_narrows_the_crop(repository):
    sides = {}
    for margin in (-0.1, 0.0, 0.3):
        source = SourcePicture("one", cv2.imencode(".png", photograph(4))[1].tobytes(), None)
        (cropped,) = crop_pictures([source], CROP.model_copy(update={"margin": margin}))
        sides[margin] = cv2.imdecode(np.frombuffer(cropped.png, np.uint8), 0).shape[0]
        largest = max(cropped.faces[0].width, cropped.faces[0].height)
        assert sides[margin] == round(largest * (1 + 2 * margin))
    assert sides[-0.1] < sides[0.0] < sides[0.3]


def test_a_picture_without_a_face_is_kept_whole_or_dropped():
    png = encode_png(np.full((300, 300, 3), 120, np.uint8))
    for no_face, action, content in (("keep", "kept_whole", png), ("drop", "no_face", None)):
        crop = Crop(detect=True, no_face=no_face)
        (face,) = crop_pictures([SourcePicture("one", png, None)], crop)
        assert (face.action, face.png, face.faces) == (action, content, [])


def test_a_damaged_png_is_named():
    with pytest.raises(InputError, match=r"one\.png is damaged\. Run the stage `render` again"):
        crop_pictures([SourcePicture("one", b"no picture", None)], CROP)


def test_a_new_data_set_says_detect_and_gets_the_other_crop_parameters_of_photographs(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert Crop(detect=True) == read_section(Crop, "crop.iefdb")
