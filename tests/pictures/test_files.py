"""Pictures, shards, preprocessing and alignment."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.faces.alignment import align, similarity
from expressions.faces.detection.mtcnn import Face, eye_angle
from expressions.faces.preprocessing import centre_square, grey_face, rescale, unscale
from expressions.faces.size import SIDE
from expressions.pictures.files import colour, decode_png, encode_png, grey
from expressions.pictures.shards import read_shard, shard_of, shard_paths, write_shard, write_shards

pictures = hnp.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70)))


@given(pictures)
def test_png_keeps_every_pixel(picture):
    assert np.array_equal(decode_png(encode_png(picture)), picture)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", encode_png(np.ones((9, 9), np.uint8))[:30]]
)
def test_what_is_no_picture_is_none(content):
    assert decode_png(content) is None


def test_grey_and_colour_are_converted():
    square = np.full((8, 8), 200, np.uint8)
    assert grey(colour(square)).tolist() == square.tolist()
    assert colour(colour(square)).shape == (8, 8, 3)


PNGS = [
    (f"set-{number:03d}", encode_png(np.full((4, 4), number, np.uint8))) for number in range(40)
]


def test_shards_hold_every_picture_once_in_the_shard_of_its_id(tmp_path):
    assert write_shards(tmp_path / "set", 4, PNGS) == 40
    found = {}
    for number, path in enumerate(shard_paths(tmp_path / "set")):
        entries = list(read_shard(path))
        assert [image_id for image_id, _ in entries] == sorted(image_id for image_id, _ in entries)
        assert all(shard_of(image_id, 4) == number for image_id, _ in entries)
        found |= dict(entries)
    assert found == dict(PNGS)


def shard_bytes(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in shard_paths(folder)]


def test_equal_content_gives_equal_bytes_at_any_time(tmp_path, monkeypatch):
    write_shards(tmp_path / "now", 4, PNGS)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    write_shards(tmp_path / "later", 4, PNGS)
    assert shard_bytes(tmp_path / "now") == shard_bytes(tmp_path / "later")


def test_one_more_picture_changes_one_shard(tmp_path):
    write_shards(tmp_path / "few", 4, PNGS[:-1])
    write_shards(tmp_path / "all", 4, PNGS)
    pairs = zip(shard_bytes(tmp_path / "few"), shard_bytes(tmp_path / "all"), strict=True)
    assert sum(before != after for before, after in pairs) == 1


def test_a_single_shard_has_the_bytes_of_one_in_a_set(tmp_path):
    write_shards(tmp_path / "set", 1, PNGS)
    write_shard(tmp_path / "alone.zip", PNGS)
    assert (tmp_path / "alone.zip").read_bytes() == shard_bytes(tmp_path / "set")[0]


@pytest.mark.parametrize("ids", [["b", "a"], ["a", "a"]])
def test_ids_out_of_order_or_repeated_are_refused_and_nothing_is_left(tmp_path, ids):
    with pytest.raises(ValueError, match="not sorted and unique"):
        write_shards(tmp_path / "set", 2, [(image_id, b"x") for image_id in ids])
    assert list(tmp_path.iterdir()) == []


@given(pictures)
def test_any_picture_becomes_a_grey_face(picture):
    face = grey_face(picture)
    assert face.shape == (SIDE, SIDE)
    assert face.dtype == np.uint8
    assert int(picture.min()) - 1 <= face.min() <= face.max() <= int(picture.max()) + 1


def test_a_picture_of_the_right_size_stays_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
    assert np.array_equal(grey_face(picture), picture)


def test_the_middle_is_kept_of_a_picture_that_is_not_square():
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 255
    assert centre_square(wide).min() == 255


@given(hnp.arrays(np.uint8, (2, 5, 5)), st.sampled_from([(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0)]))
def test_rescaling_is_within_its_range_and_can_be_undone(faces, bounds):
    rescaled = rescale(faces, *bounds)
    assert rescaled.dtype == np.float32
    assert bounds[0] <= rescaled.min() <= rescaled.max() <= bounds[1]
    assert np.array_equal(unscale(rescaled, *bounds), faces)


def tilted_face(angle: float) -> Face:
    """A face of 60 pixels about (100, 90), turned by `angle` degrees."""
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    upright = np.array([[-15, -12], [15, -12], [0, 2], [-12, 15], [12, 15]], dtype=float)
    return Face(70, 60, 60, 60, 0.99, upright @ rotation.T + [100, 90])


@given(st.floats(-60, 60), st.floats(0, 0.5))
def test_eyes_are_level_after_alignment(angle, margin):
    face = tilted_face(angle)
    transform, side = similarity(face, margin)
    moved = face.landmarks @ transform[:, :2].T + transform[:, 2]
    assert abs(eye_angle(moved)) < 1e-6
    assert side == round(60 * (1 + 2 * margin))
    # A similarity keeps distances: the scale is 1.
    assert np.linalg.norm(moved[1] - moved[0]) == pytest.approx(30)


def test_the_crop_shows_the_box_where_nothing_is_tilted():
    picture = np.random.default_rng(0).integers(0, 256, (200, 220, 3), dtype=np.uint8)
    crop = align(picture, tilted_face(0), margin=0)
    assert np.array_equal(crop, picture[60:120, 70:130])


def test_a_crop_beyond_the_edge_continues_the_edge():
    picture = np.full((50, 50), 80, np.uint8)
    face = Face(-10, -10, 30, 30, 0.9, tilted_face(10).landmarks)
    crop = align(picture, face, margin=0.2)
    assert crop.shape == (42, 42)
    assert (crop == 80).all()


@pytest.mark.parametrize("angle", [0, 17])
def test_a_face_in_a_very_long_picture_is_cut_out_as_from_a_short_one(angle):
    """Transforms of OpenCV before 5 refuse sides of more than 32,767 pixels."""
    short = np.random.default_rng(0).integers(0, 256, (200, 220, 3), dtype=np.uint8)
    face = tilted_face(angle)
    long = np.full((200, 40_000, 3), 90, np.uint8)
    long[:, -220:] = short
    shift = np.array([40_000 - 220, 0])
    moved = face._replace(x=face.x + shift[0], landmarks=face.landmarks + shift)
    expected, crop = align(short, face, 0.1), align(long, moved, 0.1)
    assert abs(crop.astype(int) - expected).max() <= 2
