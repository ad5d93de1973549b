"""Folders are searched by content, each file once, and nothing is passed over without a count."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.pictures.kinds import Role
from expressions.pictures.search import find_pictures, search_folder

PNG = cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes()
MP4 = b"\0\0\0\x18ftypmp42" + bytes(64)


def put(folder: Path, *names: str, content: bytes = PNG) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_pictures(folder)]


def test_what_a_file_holds_counts_and_not_its_suffix(tmp_path):
    put(tmp_path, "no-suffix", "a.jfif", "b.txt", "c.PNG", "deep/er/d.mp4")
    put(tmp_path, "e.jpg", "f.mts", content=MP4)
    put(tmp_path, "notes.txt", "script.ts", "deep/table.csv", content=b"words")
    put(tmp_path, "damaged.jpg", "damaged.mkv", content=b"words")
    found = search_folder(tmp_path)
    by_role = {role: [path.name for path, its in found.files if its is role] for role in set(Role)}
    assert by_role[Role.PICTURE] == [
        "a.jfif",
        "b.txt",
        "c.PNG",
        "damaged.jpg",
        "d.mp4",
        "no-suffix",
    ]
    assert by_role[Role.VIDEO] == ["damaged.mkv", "e.jpg", "f.mts"]
    assert found.passed_over == {"neither picture nor video": 3}
    assert "e.jpg" not in names(tmp_path)


def test_hidden_twins_bins_and_bundles_are_left_out_and_counted(tmp_path):
    put(tmp_path, "a.png", "._a.png", ".thumbnails/a.png", "__MACOSX/a.png", "$RECYCLE.BIN/a.png",
        "@eaDir/a.png", "My.photoslibrary/originals/a.png", "Sub/.hidden.png")  # fmt: skip
    put(tmp_path, "._film.mp4", content=MP4)
    found = search_folder(tmp_path)
    assert [path.name for path, _ in found.files] == ["a.png"]
    assert found.passed_over == {"hidden": 4, "bins": 3, "bundles": 1}


def test_a_hidden_folder_that_is_named_itself_is_searched(tmp_path):
    put(tmp_path, ".private/a.png")
    assert names(tmp_path / ".private") == ["a.png"]


def test_links_are_followed_once_and_loops_end(tmp_path):
    put(tmp_path, "elsewhere/x.png", "elsewhere/sub/y.png")
    mine = tmp_path / "mine"
    put(mine, "a.png", "folder/b.png")
    (mine / "linked").symlink_to(tmp_path / "elsewhere")
    (mine / "linked-again").symlink_to(tmp_path / "elsewhere")
    (mine / "folder/loop").symlink_to(mine)
    (mine / "folder/self").symlink_to("self")
    (mine / "one.png").symlink_to(tmp_path / "elsewhere/x.png")
    (mine / "twice.png").symlink_to(mine / "a.png")
    (mine / "dead.png").symlink_to("nowhere")
    found = search_folder(mine)
    taken = [path.relative_to(mine).as_posix() for path, _ in found.files]
    assert taken == ["a.png", "folder/b.png", "linked/sub/y.png", "linked/x.png"]
    assert found.passed_over == {"linked to twice": 4, "links that lead nowhere": 2}


def test_a_link_to_a_picture_is_one_more_where_pictures_are_rows(tmp_path):
    """As in the folders of one's own data: two linked classes, and a picture in two of them."""
    for name in ("happy", "sad"):
        put(tmp_path, *[f"store/{name}/{number}.png" for number in range(3)])
    put(tmp_path, *[f"mine/angry/{number}.png" for number in range(3)])
    for name in ("happy", "sad"):
        (tmp_path / "mine" / name).symlink_to(tmp_path / "store" / name)
    (tmp_path / "mine/angry/link.png").symlink_to(tmp_path / "store/sad/0.png")
    (tmp_path / "mine/angry/loop").symlink_to(tmp_path / "mine")
    (tmp_path / "mine/dead.png").symlink_to("nowhere")
    found = names(tmp_path / "mine")
    assert len(found) == 10
    assert {"angry/link.png", "sad/0.png", "happy/2.png"} <= set(found)


def test_what_is_no_file_is_never_opened(tmp_path):
    put(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    found = search_folder(tmp_path)
    assert len(found.files) == 1
    assert found.passed_over == {"devices, pipes and sockets": 1}


def test_a_reason_of_the_callers_own_leaves_files_and_folders_out(tmp_path):
    put(tmp_path, "a.png", "out/b.png", "out/c.png", "d.png")
    found = search_folder(
        tmp_path, reason_against=lambda path: "unwanted" if path.name in ("out", "d.png") else ""
    )
    assert [path.name for path, _ in found.files] == ["a.png"]
    assert found.passed_over == {"unwanted": 2}


def test_files_and_folders_that_cannot_be_read_do_not_end_the_search(tmp_path, monkeypatch):
    put(tmp_path, "a.png", "closed/b.png", "c.png", "d")
    listed, opened = Path.iterdir, Path.open

    def iterdir(path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    def open_(path, *arguments):
        if path.name in ("c.png", "d"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    monkeypatch.setattr(Path, "open", open_)
    found = search_folder(tmp_path)
    # Whoever reads c.png says that it cannot be read.
    assert [path.name for path, _ in found.files] == ["a.png", "c.png"]
    assert found.passed_over == {
        "folders that cannot be read (Permission denied)": 1,
        "neither picture nor video": 1,
    }


ODD = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1,
              max_size=40).filter(lambda name: name not in (".", "..") and name[0] != "."
                                  and len(name.encode()) < 200)  # fmt: skip


@given(st.lists(ODD, max_size=5, unique_by=lambda name: name.casefold()))
def test_names_of_any_characters_are_found(tmp_path_factory, odd):
    folder = tmp_path_factory.mktemp("odd")
    put(folder, *odd)
    assert sorted(names(folder)) == sorted(odd)


@pytest.mark.parametrize("name", [b"caf\xe9.png", b"-rf.png", b"a\nb.png", b"[1].png", b"x" * 251])
def test_names_in_an_old_encoding_and_long_ones_are_found(tmp_path, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(PNG)
    assert find_pictures(tmp_path) == [path]
