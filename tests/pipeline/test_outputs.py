"""Outputs: whole or not at all, with the same bytes for the same content."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.pipeline.outputs import whole_file, whole_folder, write_csv, write_json


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
    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_csv(path, pd.DataFrame({"value": np.array(values, np.float32)}))
    back = pd.read_csv(path)["value"].to_numpy(np.float32)
    assert np.array_equal(back, np.array(values, np.float32))


def test_json_has_fixed_decimals_and_a_final_line_end(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1 / 3, "a": {"n": 2}})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text == '{\n  "b": 0.333333,\n  "a": {\n    "n": 2\n  }\n}\n'
