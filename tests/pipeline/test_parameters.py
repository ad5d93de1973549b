"""Reading `params.yaml`: every mistake gets one message that names the key."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT
from pydantic import Field

from expressions.errors import InputError
from expressions.pipeline.parameters import Section, read_section


@pytest.mark.parametrize("stage", ["ingest", "clean", "render", "crop"])
def test_a_stage_without_its_parameters_ends_with_one_message(tmp_path, stage):
    (tmp_path / "params.yaml").write_text("source: demo\n", encoding="utf-8")
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
