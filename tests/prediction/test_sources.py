"""Files, folders and patterns become what is looked at, each file once."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from expressions.prediction.annotations import new_file
from expressions.prediction.sources import Medium, Source, find_sources

PNG = cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes()
MP4 = b"\0\0\0\x18ftypmp42" + bytes(64)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working folder, with pictures, a video, an animation and notes."""
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "a.png": PNG, "b.jpeg": PNG, "set/c": PNG, "set/d.mov": MP4, "notes.txt": b"words",
        "[1]: x.png": PNG,
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    frames = [Image.new("L", (9, 9), shade) for shade in (0, 200)]
    frames[0].save(tmp_path / "set/e.gif", save_all=True, append_images=frames[1:])
    return tmp_path


def test_a_folder_is_searched_in_depth_and_names_keep_its_folders(folder):
    found = find_sources(["."])
    assert found.files == [
        Source("[1]: x.png", "[1]: x"),
        Source("a.png", "a"),
        Source("b.jpeg", "b"),
        Source("set/c", "set/c"),
        Source("set/d.mov", "set/d", Medium.VIDEO),
        Source("set/e.gif", "set/e", Medium.ANIMATION),
    ]
    assert found.passed_over == {"neither picture nor video": 1}


def test_a_file_that_is_named_is_looked_at_whatever_it_is(folder):
    assert find_sources(["notes.txt", "missing.png", "set/c"]).files == [
        Source("notes.txt", "notes"),
        Source("missing.png", "missing"),
        Source("set/c", "c"),
    ]


def test_a_pattern_means_its_matches_and_passes_over_what_is_neither(folder):
    found = find_sources(["*"])
    assert [source.path for source in found.files] == [
        "[1]: x.png", "a.png", "b.jpeg", "set/c", "set/d.mov", "set/e.gif"
    ]  # fmt: skip
    assert found.passed_over == {"neither picture nor video": 1}
    deep = find_sources(["**/*"])
    assert {source.path for source in deep.files} == {source.path for source in found.files}


def test_a_file_that_cannot_be_read_is_what_its_name_says(folder, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("expressions.prediction.sources.read_kind", refuse)
    found = find_sources(["a.png", "set/d.mov"])
    assert [source.medium for source in found.files] == [Medium.PICTURE, Medium.VIDEO]


def test_brackets_in_a_name_are_no_pattern_where_the_file_is_there(folder):
    assert find_sources(["[1]: x.png"]).files == [Source("[1]: x.png", "[1]: x")]


def test_no_file_is_taken_twice(folder):
    (folder / "link.png").symlink_to("a.png")
    found = find_sources(["set", "a.png", "./a.png", "link.png", "set/c"])
    assert [source.path for source in found.files] == ["set/c", "set/d.mov", "set/e.gif", "a.png"]
    assert found.passed_over["named twice"] == 3


def test_the_folder_that_is_written_to_is_not_searched_unless_it_is_named(folder):
    assert "set/c" not in [source.path for source in find_sources(["."], Path("set")).files]
    assert find_sources(["."], Path("./set")).passed_over["the folder that is written to"] == 1
    assert len(find_sources(["set"], Path("set")).files) == 3
    assert len(find_sources(["."], Path("not-there-yet")).files) == 6


def test_what_annotate_wrote_is_no_source(folder):
    for name in ("out/a.png", "a-2.png"):
        with new_file(folder / name) as partial:
            partial.write_bytes(PNG)
    for paths in (["."], ["**/*"]):
        found = find_sources(paths)
        assert not {"out/a.png", "a-2.png"} & {source.path for source in found.files}
        assert found.passed_over["written by --annotate"] == 2
    # Unless it is named.
    assert find_sources(["a-2.png"]).files == [Source("a-2.png", "a-2")]


def test_odd_files_that_are_named_do_not_end_the_search(folder):
    os.mkfifo("pipe.png")
    Path("dead.png").symlink_to("nowhere")
    Path("loop.png").symlink_to("loop.png")
    named = ["pipe.png", "dead.png", "loop.png", "x" * 300, os.fsdecode(b"caf\xe9.png"), ""]
    assert [source.path for source in find_sources(named).files] == named
