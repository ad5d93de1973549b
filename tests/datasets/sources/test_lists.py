"""Lists without a header: rows as they stand, and what is wrong with one is named."""

import pytest

from expressions.datasets.sources.lists import read_list
from expressions.errors import InputError


def test_cells_have_blanks_between_them_and_rows_keep_their_lines(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffa.jpg  1\r\n\r\n  Zoë.jpg\t2 \n".encode())
    assert read_list(path, ["file", "label"]).to_numpy().tolist() == [
        ["a.jpg", "1", 1],
        ["Zoë.jpg", "2", 3],
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1\nb c 2\n", r"list\.txt, line 2: found 3 cells, expected 2 \(file label\)"),
        (b"a 1\nb\n", "line 2: found 1 cells, expected 2"),
        (b"a,1\n", "line 1: found 1 cells"),
        (b"a 1\rb 2\r", "line 1: found 4 cells"),
        (b"\n \n", "holds no rows"),
        (b"", "holds no rows"),
        (b"a 1\n\xff 2\n", "line 2 is no UTF-8"),
        (b"a 1\n\0 2\n", "line 2 holds a NUL byte"),
        ("a 1".encode("utf-16"), "is UTF-16 text"),
        (b"a " + b"1" * 70_000, "line 1 has more than 65536 bytes"),
    ],
)
def test_what_is_no_list_is_named(tmp_path, content, message):
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_list(tmp_path / "list.txt", ["file", "label"])


def test_a_list_that_is_not_there_or_too_large_is_named(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"none\.txt cannot be read: No such file"):
        read_list(tmp_path / "none.txt", ["file"])
    monkeypatch.setattr("expressions.datasets.sources.lists.LARGEST_TABLE", 1 << 20)
    (tmp_path / "list.txt").write_bytes(b"a\n" * (1 << 20))
    with pytest.raises(InputError, match="has more than 1 MiB"):
        read_list(tmp_path / "list.txt", ["file"])
