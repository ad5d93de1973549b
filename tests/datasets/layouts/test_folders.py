"""The layout `folders`: the label is the first folder, and every picture has an id of its own."""

import pytest
from picture_files import put_pictures

from expressions.datasets.layouts import folders
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.pictures.rendering import readable


def test_folders_give_labels_in_any_case_and_depth(tmp_path):
    put_pictures(tmp_path, "Happy/1.jpg", "Happy/anna/1.png", "sad/1.webp", "joyful/x.JPG")
    section = folders.Clean(labels={"Joyful": "happiness"}, split="mine")
    kept, rejected = folders.read_rows("mine", tmp_path, section, 7)
    assert kept.to_numpy().tolist() == [
        ["mine-Happy-1", "mine", "happiness"],
        ["mine-Happy-anna-1", "mine", "happiness"],
        ["mine-joyful-x", "mine", "happiness"],
        ["mine-sad-1", "mine", "sadness"],
    ]
    assert rejected.empty


def test_a_link_to_a_picture_is_a_row_of_its_own(tmp_path):
    source = put_pictures(tmp_path / "source", "sad/1.png", "sad/2.png")
    (source / "fear").mkdir()
    (source / "fear/1.png").symlink_to(source / "sad/1.png")
    (tmp_path / "raw").mkdir()
    folders.take(source, tmp_path / "raw", Limits())
    kept, _ = folders.read_rows("mine", tmp_path / "raw", folders.Clean(split="mine"), 7)
    assert kept["image_id"].tolist() == ["mine-fear-1", "mine-sad-1", "mine-sad-2"]
    assert list(folders.rows_of_folders(source)["name"]) == ["fear/1", "sad/1", "sad/2"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("happy/1.jpg", "happy/1.png"), "would get one image_id"),
        (("happy/a-1.jpg", "happy/a/1.jpg"), "would get one image_id"),
        (("1.jpg",), "lies in no folder"),
    ],
)
def test_pictures_that_have_no_id_or_label_of_their_own_are_named(tmp_path, names, message):
    with pytest.raises(InputError, match=message):
        folders.rows_of_folders(put_pictures(tmp_path, *names))


def test_raw_pictures_are_copied_unchanged_and_rendered_by_id(tmp_path):
    source = put_pictures(tmp_path / "source", "sad/b.png", "happy/a.png", "happy/.hidden.png")
    (source / "sad/broken.jpg").write_bytes(b"no picture")
    (source / "notes.txt").write_text("x", encoding="utf-8")
    raw = tmp_path / "raw"
    folders.take(source, raw, Limits())
    copied = sorted(p.relative_to(raw).as_posix() for p in raw.rglob("*") if p.is_file())
    assert copied == ["happy/a.png", "sad/b.png", "sad/broken.jpg"]
    assert (raw / "happy/a.png").read_bytes() == (source / "happy/a.png").read_bytes()
    unreadable: list[str] = []
    rendered = readable(folders.render("mine", raw), unreadable)
    assert [image_id for image_id, _ in rendered] == ["mine-happy-a", "mine-sad-b"]
    assert unreadable == ["mine-sad-broken"]


def test_a_persons_pictures_stay_on_one_side_where_the_names_say_who_it_is(tmp_path):
    put_pictures(
        tmp_path, *(f"{label}/p{n % 8}-{n}.png" for n in range(40) for label in ("sad", "fear"))
    )
    put_pictures(tmp_path, "sad/-.png")
    section = folders.Clean.model_validate(
        {"pattern": r"[^/]+/(?P<person>\w+).*", "split": {"training": 0.5, "test": 0.5}}
    )
    kept, rejected = folders.read_rows("mine", tmp_path, section, 7)
    assert len(kept) == 80
    splits = kept.groupby(kept["image_id"].str.extract(r"(p\d)-")[0])["split"]
    assert (splits.nunique() == 1).all()
    assert set(kept["split"]) == {"training", "test"}
    assert rejected.to_numpy().tolist() == [["mine-sad--", "other_name"]]
