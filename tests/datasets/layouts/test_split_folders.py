"""The layout `split_folders`: splits and labels by folders, as FER-2013 is often downloaded."""

from collections import Counter

import numpy as np
import pytest
from picture_files import put_pictures

from expressions.datasets.layouts import split_folders
from expressions.datasets.layouts.split_folders import Clean
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def test_folders_say_split_and_label(tmp_path):
    names = [f"train/{name}/Training_{n}.jpg" for n, name in enumerate(CLASSES)]
    put_pictures(
        tmp_path / "in", *names, "test/happy/PrivateTest_7.jpg", "test/sad/PublicTest_8.png"
    )
    (tmp_path / "raw").mkdir()
    split_folders.take(tmp_path / "in", tmp_path / "raw", Limits())
    rows = split_folders.read_rows("kaggle", tmp_path / "raw", Clean(validation_share=0.0), 7)
    assert rows.rejected.empty
    assert rows.kept.to_numpy().tolist() == [
        ["kaggle-test-happy-PrivateTest_7", "test", "happiness"],
        ["kaggle-test-sad-PublicTest_8", "test", "sadness"],
        ["kaggle-train-angry-Training_0", "training", "anger"],
        ["kaggle-train-disgust-Training_1", "training", "disgust"],
        ["kaggle-train-fear-Training_2", "training", "fear"],
        ["kaggle-train-happy-Training_3", "training", "happiness"],
        ["kaggle-train-neutral-Training_4", "training", "neutral"],
        ["kaggle-train-sad-Training_5", "training", "sadness"],
        ["kaggle-train-surprise-Training_6", "training", "surprise"],
    ]
    rendered = [image_id for image_id, _ in split_folders.render("kaggle", tmp_path / "raw")]
    assert rendered == rows.kept["image_id"].tolist()


def test_a_share_of_train_is_validation_and_never_one_of_test(tmp_path):
    put_pictures(tmp_path, *(f"train/sad/{n}.png" for n in range(400)), "test/sad/1.png")
    kept, _ = split_folders.read_rows("kaggle", tmp_path, Clean(), 7)
    counts = Counter(kept["split"])
    # Four standard deviations of a binomial count about 40.
    assert abs(counts["validation"] - 40) < 4 * np.sqrt(400 * 0.1 * 0.9)
    assert counts["training"] + counts["validation"] == 400
    assert counts["test"] == 1


@pytest.mark.parametrize("name", ["validation", "val", "Valid"])
def test_a_folder_for_validation_is_taken_as_it_is(tmp_path, name):
    put_pictures(tmp_path, *(f"train/sad/{n}.png" for n in range(60)), f"{name}/sad/1.png")
    kept, _ = split_folders.read_rows("kaggle", tmp_path, Clean(validation_share=0.5), 7)
    assert Counter(kept["split"]) == {"training": 60, "validation": 1}


def test_labels_of_ones_own_and_reasons(tmp_path):
    put_pictures(tmp_path, "train/joy/1.png", "train/blurred/2.png", "train/contempt/3.png")
    section = Clean(labels={"joy": "happiness", "blurred": "unknown"}, validation_share=0.0)
    kept, rejected = split_folders.read_rows("kaggle", tmp_path, section, 7)
    assert kept["label"].tolist() == ["happiness"]
    assert rejected["reason"].tolist() == ["unknown", "contempt"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("train/1.png",), "in/train/1 lies in no class of a split"),
        (("1.png",), "in/1 lies in no class of a split"),
        (("happy/train/1.png",), "in/happy/train/1 lies in no class of a split"),
        (("val/sad/1.png", "validation/sad/2.png"), "val/ and validation/, both of which are"),
    ],
)
def test_a_picture_in_another_place_is_named_under_the_users_own_path(tmp_path, names, message):
    put_pictures(tmp_path / "in", *names)
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match=message):
        split_folders.take(tmp_path / "in", tmp_path / "raw", Limits())


def test_a_class_that_is_not_known_is_named(tmp_path):
    put_pictures(tmp_path, "train/glad/1.png")
    with pytest.raises(InputError, match="train/glad/1: 'glad' is no known emotion"):
        split_folders.read_rows("kaggle", tmp_path, Clean(), 7)


def test_folders_may_be_codes(tmp_path):
    put_pictures(tmp_path, "train/1/a.png", "test/4/b.png")
    section = Clean.model_validate({"labels": {1: "surprise", 4: "happiness"}})
    kept, _ = split_folders.read_rows("rafdb", tmp_path, section, 7)
    assert kept["label"].tolist() == ["happiness", "surprise"]
