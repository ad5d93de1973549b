"""The door to data sets: each layout has all that the stages ask, and a wrong name is named."""

import pytest
from pydantic import ValidationError

from expressions.datasets.layout import LAYOUTS, Embedded, find_layout, read_limits
from expressions.datasets.layouts.label_list import LabelList
from expressions.datasets.names import check_dataset_name, read_dataset_names
from expressions.errors import InputError


@pytest.fixture
def parameters(tmp_path, monkeypatch):
    """A function that writes `params.yaml`."""
    monkeypatch.chdir(tmp_path)
    return lambda text: (tmp_path / "params.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_found_by_its_name(parameters, name):
    own = ", list_file: list.txt, columns: [file, label]" if name == "list" else ""
    parameters(f"ingest: {{mine: {{layout: {name}, most_files: 3{own}}}}}")
    layout = find_layout("mine")
    assert isinstance(layout, LabelList) if name == "list" else layout is LAYOUTS[name]
    assert all(hasattr(layout, what) for what in ("take", "read_rows", "render"))
    assert isinstance(layout, Embedded) == (name in ("fer2013", "iefdb"))
    assert read_limits("mine").most_files == 3
    with pytest.raises(ValidationError, match="unheard"):
        LAYOUTS[name].Clean.model_validate({"unheard": 1})


@pytest.mark.parametrize("name", ["fodlers", "[folders]", "~", "{}", "1"])
def test_a_layout_that_is_not_known_is_named_with_those_that_are(parameters, name):
    parameters(f"ingest: {{mine: {{layout: {name}}}}}")
    with pytest.raises(InputError, match=r"ingest\.mine\.layout is .*expected one of fer2013, fil"):
        find_layout("mine")


@pytest.mark.parametrize("name", ["training", "my-data", "my.data", "Mine", "2mine", "", 3, None])
def test_a_name_that_could_be_taken_for_another_is_refused(name):
    with pytest.raises(InputError, match="is no possible name"):
        check_dataset_name(name)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[]", "datasets is .*expected a list"),
        ("fer2013", "datasets is 'fer2013', expected a list"),
        ("3", "datasets is 3, expected a list"),
        ("[fer2013, iefdb, fer2013]", "names 'fer2013' twice"),
        ("[fer2013, Test]", "'Test' in datasets is no possible name"),
        ("[[fer2013]]", "is no possible name"),
    ],
)
def test_a_wrong_list_of_data_sets_is_named(parameters, written, message):
    parameters(f"datasets: {written}")
    with pytest.raises(InputError, match=message):
        read_dataset_names()


def test_the_names_come_in_the_order_of_the_list(parameters):
    parameters("datasets: [mine, fer2013]")
    assert read_dataset_names() == ["mine", "fer2013"]
