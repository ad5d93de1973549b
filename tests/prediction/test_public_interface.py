"""The public interface: all of it, documented, typed, and cheap to import."""

import ast
import subprocess
import sys
from importlib.metadata import version

from helpers import ROOT

import expressions
from expressions.errors import InputError
from expressions.prediction.recognizer import Recognition, Recognizer

PUBLIC = ["InputError", "Recognition", "Recognizer", "__version__"]


def test_the_public_names_are_these_and_no_others():
    assert sorted(expressions.__all__) == PUBLIC
    assert sorted(dir(expressions)) == PUBLIC
    assert (expressions.InputError, expressions.Recognition, expressions.Recognizer) == (
        InputError,
        Recognition,
        Recognizer,
    )
    assert expressions.__version__ == version("expressions")


def test_the_stub_for_type_checkers_names_the_same():
    tree = ast.parse((ROOT / "expressions/__init__.pyi").read_text(encoding="utf-8"))
    names = {
        name.id if isinstance(name, ast.Name) else name.name
        for node in tree.body
        for name in getattr(node, "names", [getattr(node, "target", None)])
        if isinstance(name, ast.Name | ast.alias)
    }
    assert sorted(names) == PUBLIC


def test_each_public_name_says_what_it_is():
    for name in ("InputError", "Recognition", "Recognizer"):
        thing = getattr(expressions, name)
        assert thing.__doc__
        for member, value in vars(thing).items():
            public = not member.startswith("_") and callable(value)
            assert not public or value.__doc__, f"{name}.{member}"


def test_importing_the_package_imports_nothing_heavy():
    """Every stage and every command imports it first."""
    code = (
        "import sys; before = set(sys.modules); import expressions; print(set(sys.modules)-before)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert ast.literal_eval(loaded) <= {"expressions", "importlib", "typing", *_standard(loaded)}
    assert "InputError" not in vars(expressions), "looked up each time, never kept"


def _standard(loaded: str) -> set[str]:
    """Modules of Python itself among those that were loaded."""
    names = ast.literal_eval(loaded)
    return {name for name in names if name.split(".")[0] in sys.stdlib_module_names}
