"""What reaches a terminal cannot move its cursor."""

from hypothesis import given
from hypothesis import strategies as st

from expressions.pipeline.console import printable


@given(st.text())
def test_text_can_be_printed_and_stays_readable(text):
    shown = printable(text)
    assert shown.replace("\n", "").isprintable()
    shown.encode()
    if text.replace("\n", "").isprintable():
        assert shown == text


def test_by_hand():
    assert printable("a\x1b[2J\tb\r\n") == "a\\x1b[2J\\tb\\r\n"
    assert printable("caf\udce9 é – 猫") == "caf\\udce9 é – 猫"
