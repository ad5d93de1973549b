"""`params.yaml` as DVC reads it, and mistakes in it named with their place."""

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.serialize import parse_yaml
from helpers import ROOT
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from expressions.errors import InputError
from expressions.pipeline import parameters
from expressions.pipeline.parameters import Section, load, read_file, read_section, read_value

NAME = Path("params.yaml")


class Training(Section):
    rate: float = Field(gt=0)
    epochs: int
    resume: bool = True


@pytest.fixture
def params(tmp_path, monkeypatch):
    """Write `params.yaml` in an empty folder, the current one."""
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes) -> None:
        NAME.write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-05", 1e-5),
        ("0.00001", 1e-5),
        ("1E3", 1000.0),
        ("010", 10),
        ("0o10", 8),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("~", None),
        ("true", True),
    ],
)
def test_scalars_are_those_of_yaml_1_2_as_in_dvc(text, value):
    assert load(f"a: {text}\n", NAME) == {"a": value}
    assert parse_yaml(f"a: {text}\n", "params.yaml") == {"a": value}


@pytest.mark.parser
@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Z")), max_size=12))
def test_whatever_stands_there_is_read_as_dvc_reads_it_or_refused(text):
    text = f"a: {text}\n"
    ours, message = outcome(text)
    if message:
        assert message.startswith("params.yaml")
    else:
        assert str(ours or {}) == str(parse_yaml(text, "params.yaml"))


def outcome(text: str) -> tuple[Any, str]:
    """What `load` gives for `text`, or what it says."""
    try:
        return load(text, NAME), ""
    except InputError as error:
        return None, str(error)


@pytest.mark.parser
@given(st.binary(max_size=40))
def test_no_bytes_give_another_error(content):
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    message = outcome(text)[1]
    assert not message or message.startswith("params.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", r"params\.yaml, line 3: found duplicate key \"a\""),
        ("a: 1\n\tb: 2\n", r"params\.yaml, line 2"),
        ("a: !!python/object:os.system x\n", r"params\.yaml, line 1: could not determine"),
        ("a: [1, 2\nb: 3\n", r"params\.yaml, line 2"),
        ("a: *b\n", r"params\.yaml, line 1: found undefined alias"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(params, text, told):
    params(text)
    with pytest.raises(InputError, match=told):
        read_value("a")


def test_a_bomb_of_aliases_is_refused_before_it_goes_off(params):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    params("\n".join(lines))
    with pytest.raises(InputError, match="more than 50000 values"):
        read_value("a0")


def test_a_file_too_large_or_in_another_encoding_is_refused(params):
    params("a: " + "x" * parameters.LARGEST_FILE)
    with pytest.raises(InputError, match="larger than 1048576 bytes"):
        read_value("a")
    params("a: ü".encode("cp1252"))
    with pytest.raises(InputError, match="no UTF-8 text"):
        read_value("a")
    params("\ufeffa: ü".encode())
    assert read_value("a") == "ü"
    NAME.unlink()
    with pytest.raises(InputError, match=r"params\.yaml cannot be read: No such file"):
        read_value("a")


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("rate: 1, epoch: 3, epochs: 3", r"train\.epoch: there is no such key\. Did you mean 'epo"),
        ("rate: 0.1", r"train\.epochs: Field required"),
        ("rate: -1, epochs: 3", r"train\.rate: Input should be greater than 0 \(found -1\)"),
        ("rate: .inf, epochs: 3", r"train\.rate: Input should be a finite number"),
        ("rate: .nan, epochs: 3", r"train\.rate: Input should be a finite number"),
        ("rate: 0.1, epochs: three", r"train\.epochs: Input should be a valid integer"),
        ("rate: 0.1, epochs: 3, resume: no", r"train\.resume: .*valid boolean \(found 'no'\)"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_its_key(params, section, told):
    params(f"train: {{{section}}}\n")
    with pytest.raises(InputError, match=f"params\\.yaml: {told}"):
        read_section(Training, "train")


def test_a_section_that_is_no_mapping_or_missing_is_told(params):
    params("train: 3\nreport: {}\n")
    with pytest.raises(InputError, match=r"params\.yaml: train: Input should be"):
        read_section(Training, "train")
    with pytest.raises(InputError, match=r"no rport; 'rport' is missing\. Did you mean 'report'\?"):
        read_value("rport")
    with pytest.raises(InputError, match=r"there is no train\.rate; 'rate' is missing\."):
        read_value("train.rate")


@pytest.mark.parametrize("stage", ["ingest", "clean", "render", "crop"])
def test_a_stage_without_its_parameters_ends_with_one_message(params, tmp_path, stage):
    params("source: demo\n")
    done = subprocess.run(
        [sys.executable, "-m", f"stages.{stage}", "fer2013"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: params.yaml: there is no ")


def test_a_json_file_is_read_as_json(tmp_path):
    path = tmp_path / "card.json"
    path.write_text('{\n\t"rate": 1e-3,\n\t"epochs": 2\n}', encoding="utf-8")
    assert read_file(Training, path) == Training(rate=1e-3, epochs=2)
    path.write_text('{"rate": 1e-3,', encoding="utf-8")
    with pytest.raises(InputError, match=r"card\.json cannot be read: Expecting"):
        read_file(Training, path)


def test_while_it_is_held_every_read_sees_what_stood_there_and_changes_are_told(params):
    params("train: {rate: 0.1, epochs: 3}\naudit: {shown: 8}\n")
    with parameters.held():
        params("train: {rate: 0.2, extra: [1]}\naudit: {shown: 9}\n")
        assert read_value("train.rate") == 0.1
        changes = list(parameters.changed_values(["train", "audit.shown", "nothing"]))
    assert changes == [
        ("train.epochs", 3, None),
        ("train.extra", None, [1]),
        ("train.rate", 0.1, 0.2),
        ("audit.shown", 8, 9),
    ]
    assert math.isclose(read_value("train.rate"), 0.2)
