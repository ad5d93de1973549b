"""What `--annotate` writes takes no other file's place and is never taken for a source."""

import itertools
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.errors import InputError
from expressions.pictures.decoding import read_picture
from expressions.prediction.annotations import Annotations, is_annotation, new_file

NAMES = st.text(st.sampled_from("aAbB2-."), min_size=1, max_size=5).filter(
    lambda name: name not in (".", "..")
)


@given(
    st.lists(st.tuples(NAMES, st.sampled_from([(".jpg",), (".mp4", ".png")])), max_size=12),
    st.lists(NAMES, max_size=4),
)
def test_no_name_is_taken_twice_nor_one_that_is_there(tmp_path_factory, wanted, there):
    folder = tmp_path_factory.mktemp("out")
    before = {f"{name}.jpg" for name in there}
    for name in before:
        (folder / name).write_bytes(b"")
    annotations = Annotations(folder)
    made = [
        f"{annotations.path_for(name, suffixes).name}{suffix}"
        for name, suffixes in wanted
        for suffix in suffixes[:1]
    ]
    made += [f"{Path(name).with_suffix('')}.png" for name in made if name.endswith(".mp4")]
    # Told apart also where a disk takes `A` and `a` for the same.
    assert len({name.casefold() for name in made}) == len(made)
    assert not before & set(made)


def test_a_name_that_is_free_stays_and_the_next_ones_get_numbers(tmp_path):
    annotations = Annotations(tmp_path)
    paths = [annotations.path_for(name, (".jpg",)).name for name in ("a", "b", "a", "A", "a-2")]
    assert paths == ["a", "b", "a-2", "A-3", "a-2-2"]
    assert [path.name for path in annotations.renamed] == ["a-2.jpg", "A-3.jpg", "a-2-2.jpg"]


def test_a_video_and_its_plot_get_the_same_number(tmp_path):
    (tmp_path / "talk.png").write_bytes(b"mine")
    assert Annotations(tmp_path).path_for("talk", (".mp4", ".png")).name == "talk-2"


def test_two_spellings_of_one_letter_are_one_name(tmp_path):
    annotations = Annotations(tmp_path)
    composed, decomposed = "é", "e\N{COMBINING ACUTE ACCENT}"
    assert annotations.path_for(composed, (".jpg",)).name == composed
    assert annotations.path_for(decomposed, (".jpg",)).name == f"{decomposed}-2"


def test_long_names_are_shortened_to_what_disks_take(tmp_path):
    annotations = Annotations(tmp_path)
    for name in ("x" * 250, "ü" * 125, os.fsdecode(b"\xff" * 250)):
        path = Path(f"{annotations.path_for(f'folder/{name}', ('.jpg',))}.jpg")
        with new_file(path) as partial:
            partial.write_bytes(b"content")
        assert path.exists()
        assert path.parent == tmp_path / "folder"


def test_a_file_that_was_written_is_known_and_can_be_read(tmp_path):
    picture = np.full((20, 30, 3), 90, np.uint8)
    for suffix in (".jpg", ".png"):
        path = tmp_path / f"a{suffix}"
        with new_file(path) as partial:
            partial.write_bytes(cv2.imencode(suffix, picture)[1].tobytes())
        assert is_annotation(path)
        assert abs(read_picture(path)[0].astype(int) - 90).max() < 3
        assert abs(cv2.imread(str(path)).astype(int) - 90).max() < 3
    plain = tmp_path / "plain.jpg"
    plain.write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    assert not is_annotation(plain)
    (tmp_path / "short").write_bytes(b"x")
    assert not is_annotation(tmp_path / "short")
    assert not is_annotation(tmp_path / "missing")


def write(path: Path, error: BaseException, content: bytes = b"half") -> None:
    """Write a part of a file, if any, and stop by an error."""
    with new_file(path) as partial:
        if content:
            partial.write_bytes(content)
        raise error


def test_nothing_is_left_where_writing_fails(tmp_path):
    path = tmp_path / "a.jpg"
    with pytest.raises(InputError, match=r"a\.jpg cannot be written: No space left on device"):
        write(path, OSError(28, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def test_what_was_done_stays_after_ctrl_c_and_nothing_where_nothing_was(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / name, KeyboardInterrupt(), b"done" if name == "a.jpg" else b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]
    assert is_annotation(tmp_path / "a.jpg")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(InputError, match="cannot be written"), new_file(tmp_path / "file/a.jpg"):
        pytest.fail("there is no such folder")
    assert (tmp_path / "file").read_bytes() == b"in the way"
    assert list(itertools.chain(tmp_path.iterdir())) == [tmp_path / "file"]
