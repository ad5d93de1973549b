"""Ways to spoil a run: files, tables and archives that are wrong in one thing each."""

import gzip
import io
import os
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

Change = Callable[[], object]


def put(path: str | Path, content: bytes | str = b"") -> Path:
    """Write a file, in place of whatever stands there."""
    path = remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def remove(path: str | Path) -> Path:
    """Remove a file or a folder, if it is there."""
    path = Path(path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def cut(path: str | Path) -> None:
    """Leave half of a file."""
    content = Path(path).read_bytes()
    put(path, content[: len(content) // 2])


def edit(path: str | Path, before: str, after: str) -> None:
    """Replace what stands in a text file, once or more."""
    text = Path(path).read_text(encoding="utf-8")
    assert before in text
    put(path, text.replace(before, after))


def link(path: str | Path, target: str | Path) -> None:
    """Make a link, in place of whatever stands there."""
    remove(path).symlink_to(target)


def pipe(path: str | Path) -> None:
    """Make a named pipe, from which nothing ever comes."""
    os.mkfifo(remove(path))


def folder(path: str | Path) -> None:
    """Make an empty folder, in place of whatever stands there."""
    remove(path).mkdir(parents=True)


def set_parameter(path: str, value: Any) -> None:
    """Give the parameter at a dotted path of `params.yaml` another value."""
    tree = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    *outer, last = path.split(".")
    section = tree
    for key in outer:
        section = section.setdefault(key, {})
    section[last] = value
    put("params.yaml", yaml.safe_dump(tree))


def zipped(content: bytes, *names: str, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip with the same content under each name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


def patched(packed: bytes, local: int, central: int, value: int) -> bytes:
    """Change a field of 16 bits in both headers of the only entry of a zip."""
    changed = bytearray(packed)
    for sign, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        struct.pack_into("<H", changed, changed.index(sign) + offset, value)
    return bytes(changed)


def encrypted(name: str) -> bytes:
    """Return a zip whose entry says that it is encrypted."""
    return patched(zipped(b"secret", name), 6, 8, 1)


def of_unknown_method(name: str) -> bytes:
    """Return a zip whose entry says that it is packed in a way that nobody knows."""
    return patched(zipped(b"packed", name), 8, 10, 97)


def damaged_inside(name: str) -> bytes:
    """Return a zip whose entry has another checksum than it says."""
    return zipped(b"a" * 50, name).replace(b"a" * 50, b"b" * 50)


def of_a_million() -> bytes:
    """Return the end of a zip of a million entries, which says so in 64 bits."""
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, *[10**6] * 2, 0, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 30, 1)
    small = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return b"PK\x03\x04" + bytes(26) + large + locator + small


def bomb() -> bytes:
    """Return 80 MB of zeros, packed by gzip to a thousandth."""
    return gzip.compress(bytes(80 << 20), 1)


def zip_bomb(name: str) -> bytes:
    """Return 80 MB of zeros in a zip."""
    return zipped(bytes(80 << 20), name, compression=zipfile.ZIP_DEFLATED)


def tarred(content: bytes, name: str) -> bytes:
    """Return a tar with one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def claiming_png(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims a size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def by_command(cases: Mapping[str, Mapping[str, tuple[Any, ...]]]) -> list[Any]:
    """The parameters of a test: each case behind its command, under the names of both."""
    return [
        pytest.param(command, *case, id=f"{command}: {name}")
        for command, its in cases.items()
        for name, case in its.items()
    ]
