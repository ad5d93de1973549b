"""The folder of a model, and which one is taken where none is named."""

import pytest
from helpers import export

from expressions.errors import InputError
from expressions.prediction import exported_model


def test_the_reference_model_comes_before_the_clones_own(tmp_path, monkeypatch):
    monkeypatch.setattr(exported_model, "_CLONE", tmp_path)
    monkeypatch.setattr(exported_model, "_installed", list)
    with pytest.raises(InputError, match="There is no model yet"):
        exported_model.default_folder()
    for folder in ("models/export", "models/reference"):
        export(tmp_path / folder)
        assert exported_model.default_folder() == tmp_path / folder
