"""Making the pipeline read the user's files in place of the embedded data set."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node, SequenceNode

from expressions.datasets.layouts import fer2013, iefdb
from expressions.datasets.sources.packings import find_packed
from expressions.datasets.sources.source_files import find_source, link_source_files
from expressions.errors import InputError
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import PARAMS, load, no_text, read_bounded

_COMMENT = re.compile(r"#[^\r\n]*")
_ADVICE = (
    "{} cannot be changed alone, since other values depend on how it is written (an alias, an "
    "anchor, a tag). Write its value as plain words."
)


def use_files(folder: Path) -> list[str]:
    """Link the files of `folder` to where the pipeline reads them, and say so in `params.yaml`.

    IEFDB joins when one of its files is there.

    Returns:
        The data sets.

    Raises:
        InputError: a file of FER-2013, of FER+ or of IEFDB is missing, or `params.yaml` cannot be
            changed; nothing is written then.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name the one that holds the data (FER_DATA).")
    links = {"fer2013": [find_source(folder, file) for file in fer2013.FILES]}
    if any(find_packed(folder, file.names) for file in iefdb.FILES):
        links["iefdb"] = [find_source(folder, file) for file in iefdb.FILES]
    text = _read(PARAMS)
    changed = set_values(text, {"source": "files", "datasets": list(links)})
    for dataset, paths in links.items():
        link_source_files(dataset, paths)
    if changed != text:
        with whole_file(PARAMS) as partial:
            partial.write_bytes(changed.encode())
    return list(links)


def set_values(text: str, values: Mapping[str, str | list[str]]) -> str:
    """Set top-level keys of a YAML text; every other sign of it stays, also the comments.

    Writing a parsed document back would lose the comments of list items that go, and give the rest
    of the text other blanks and line ends; so the parser says where the values stand.

    Args:
        text: a mapping of one document.
        values: words, and lists of words, that need no quotes.

    Raises:
        InputError: the text is no such mapping, lacks a key, or gives a value in a way (such as an
            alias) in which it cannot be replaced alone.
    """
    wanted = _parse(text) | dict(values)
    edits = [edit for key, value in values.items() for edit in _edits(text, key, value)]
    for start, end, written in sorted(edits, reverse=True):
        text = text[:start] + written + text[end:]
    # As text, since `.nan` equals nothing.
    if _as_text(text) != repr(wanted):
        raise InputError(f"{PARAMS}: {_ADVICE.format(' and '.join(values))}")
    return text


def _edits(text: str, key: str, value: str | list[str]) -> Iterator[tuple[int, int, str]]:
    """Give what is to be written in place of which part of the text."""
    key_node, node = _find(text, key)
    start, end = node.start_mark.index, node.end_mark.index
    if start < key_node.end_mark.index:
        raise InputError(f"{PARAMS}: {_ADVICE.format(key)}")
    if start == end:
        start = end = text.index(":", key_node.end_mark.index) + 1
    items = node.value if isinstance(node, SequenceNode) else []
    in_lines = bool(items) and not node.flow_style
    # A list in lines ends where the next key begins; what stands after its last item stays.
    end = items[-1].end_mark.index if in_lines else start + len(text[start:end].rstrip())
    line_end = "\r\n" if "\r\n" in text else "\n"
    if isinstance(value, str):
        written = value
    elif in_lines:
        indent = text[text.rfind("\n", 0, start) + 1 : start]
        written = f"{line_end}{indent}".join(f"- {word}" for word in value)
    else:
        written = f"[{', '.join(value)}]"
    yield start, end, written if text[start - 1].isspace() else f" {written}"
    line = key_node.start_mark.index - key_node.start_mark.column
    comments = _comments_between(text, start, end, items)
    yield line, line, "".join(comment + line_end for comment in comments)


def _comments_between(text: str, start: int, end: int, items: Sequence[Node]) -> Iterator[str]:
    """Find the comments between `start` and `end` that stand outside of `items`."""
    for item in items:
        yield from _COMMENT.findall(text[start : item.start_mark.index])
        start = item.end_mark.index
    if items:
        yield from _COMMENT.findall(text[start:end])


def _find(text: str, key: str) -> tuple[Any, Any]:
    """Find the key and the value of a top-level key."""
    try:
        nodes = YAML().compose(text).value
    except YAMLError as error:
        what = getattr(error, "problem", None) or type(error).__name__
        raise InputError(f"{PARAMS} cannot be changed: {what}. Correct it.") from None
    for key_node, node in nodes:
        if key_node.value == key:
            return key_node, node
    raise InputError(f"{PARAMS}: there is no {key}. Add it.")


def _parse(text: str) -> dict[str, Any]:
    document = load(text.removeprefix("\ufeff"), PARAMS)
    if not isinstance(document, dict):
        raise InputError(f"{PARAMS} is no mapping of keys to values. Take it from git again.")
    return document


def _as_text(text: str) -> str:
    try:
        return repr(_parse(text))
    except InputError:
        return ""


def _read(path: Path) -> str:
    try:
        return read_bounded(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise no_text(path, error) from None
