"""The user's files, parameters and mistakes: every mistake gets one message that helps."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from expressions.datasets import packings
from expressions.datasets import source_files as sources
from expressions.errors import InputError
from expressions.pipeline import parameters
from expressions.pipeline.outputs import whole_file, whole_folder, write_csv, write_json
from expressions.pipeline.parameters import Section, read_section


@pytest.fixture
def in_folder(tmp_path, monkeypatch) -> Path:
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("x", encoding="utf-8")
    return folder


def test_use_links_the_files_and_sets_the_parameters(in_folder):
    data = put(in_folder / "mine", "fer2013.csv", "fer2013new.csv")
    before = (in_folder / "params.yaml").read_text(encoding="utf-8")
    assert sources.use(data) == ["fer2013"]
    assert parameters.read_value("source") == "files"
    assert parameters.read_value("datasets") == ["fer2013"]
    linked = sources.FILES / "fer2013"
    assert sorted(p.name for p in linked.iterdir()) == ["fer2013.csv", "fer2013new.csv"]
    after = (in_folder / "params.yaml").read_text(encoding="utf-8")
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert len(changed) == 2, "only the two lines change; comments stay"


def test_use_takes_iefdb_when_it_is_there(in_folder):
    names = ("icml_face_data.csv.xz", "fer2013new.csv.gz", "Original.zip")
    data = put(in_folder / "mine", *names, "ImageDescriptionWEmotions.csv")
    assert sources.use(data) == ["fer2013", "iefdb"]


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ((), "icml_face_data.csv or fer2013.csv is missing"),
        (("fer2013.csv",), "fer2013new.csv is missing"),
        (("fer2013.csv", "fer2013new.csv", "Original.jpg.zip"), None),
        (
            ("fer2013.csv", "fer2013new.csv", "ImageDescriptionWEmotions.csv"),
            "Original.zip is missing",
        ),
    ],
)
def test_a_missing_file_is_named_with_where_to_get_it_and_where_to_put_it(
    in_folder, monkeypatch, names, missing
):
    monkeypatch.setattr(packings, "_member", lambda path, name: None)
    data = put(in_folder / "mine", *names)
    if missing is None:
        assert sources.use(data) == ["fer2013"]
        return
    with pytest.raises(InputError, match=missing) as error:
        sources.use(data)
    assert str(data) in str(error.value)
    assert any(origin in str(error.value) for origin in sources.ORIGINS.values())


def test_the_command_line_ends_with_one_message_and_exit_code_1(in_folder):
    done = subprocess.run(
        [Path(sys.executable).parent / "expressions", "use", "nowhere"],
        cwd=in_folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "nowhere is no folder" in done.stderr


@pytest.mark.parametrize("stage", ["ingest", "clean", "render", "crop"])
def test_a_stage_without_its_parameters_ends_with_one_message(in_folder, stage):
    (in_folder / "params.yaml").write_text("source: demo\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", f"stages.{stage}", "fer2013"],
        cwd=in_folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: params.yaml: there is no ")


class Example(Section):
    share: float = Field(ge=0, le=1)
    name: str


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "stage: {share: 2.0, name: a}",
            "params.yaml: stage.share: .*less than or equal to 1.*2.0",
        ),
        ("stage: {share: 0.5}", "params.yaml: stage.name: Field required"),
        ("stage: {share: 0.5, name: a, nmae: b}", "params.yaml: stage.nmae: Extra inputs"),
        ("stage: {share: '0.5', name: a}", "params.yaml: stage.share: .*valid number"),
        ("other: 1", "there is no stage"),
        ("stage: [", "params.yaml cannot be read"),
    ],
)
def test_a_wrong_parameter_is_named(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_section(Example, "stage")


def test_an_output_is_written_whole_or_not_at_all(tmp_path):
    for name in ("file", "folder/inner"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "file") as partial:  # noqa: PT012
        partial.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "folder") as partial:  # noqa: PT012
        (partial / "other").write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert (tmp_path / "file").read_text(encoding="utf-8") == "before"
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["inner"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_a_float32_comes_back_exactly_from_a_table(tmp_path_factory, values):
    import pandas as pd

    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_csv(path, pd.DataFrame({"value": np.array(values, np.float32)}))
    back = pd.read_csv(path)["value"].to_numpy(np.float32)
    assert np.array_equal(back, np.array(values, np.float32))


def test_json_has_fixed_decimals_and_a_final_line_end(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1 / 3, "a": {"n": 2}})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text == '{\n  "b": 0.333333,\n  "a": {\n    "n": 2\n  }\n}\n'
