"""The parameters of a data set of one's own."""

import pytest

from expressions.datasets.own import CleanOwn
from expressions.errors import InputError
from expressions.pipeline.parameters import read_section


def test_shares_have_to_add_up(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("clean: {mine: {split: {training: 0.8, test: 0.1}}}")
    with pytest.raises(InputError, match=r"add up to 0\.9, not to 1"):
        read_section(CleanOwn, "clean.mine")
    (tmp_path / "params.yaml").write_text("clean: {mine: {split: {train: 1.0}}}")
    with pytest.raises(InputError, match="shares are of training, validation, test"):
        read_section(CleanOwn, "clean.mine")
