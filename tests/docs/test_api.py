"""The page of the interface for programs: its names are all of them, their examples run."""

import doctest
import re

from helpers import ROOT

import expressions
from expressions.prediction import recognizer


def test_the_page_shows_every_name():
    page = (ROOT / "docs/api.md").read_text("utf-8")
    shown = set(re.findall(r"(?m)^::: expressions\.(\w+)$", page))
    assert shown == set(expressions.__all__) - {"__version__"}
    assert "expressions.__version__" in page


def test_the_examples_in_docstrings_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    done = doctest.testmod(recognizer)
    assert done.attempted > 3
    assert done.failed == 0
