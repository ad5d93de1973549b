"""Videos for tests: made by OpenCV alone, and then operated on, or built byte by byte."""

import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

SIZE = 160, 120


def picture(number: int) -> np.ndarray:
    """A frame whose upper left and lower right corners say which one it is."""
    frame = np.random.default_rng(number).integers(100, 156, (*SIZE[::-1], 3), np.uint8)
    frame[:16, :16] = number % 16 * 16
    frame[-16:, -16:] = 255 - number % 16 * 16
    return frame


def number_of(frame: np.ndarray) -> int:
    return round(float(frame[4:12, 4:12].mean()) / 16)


def film(path: Path, count: int = 50, rate: float = 25, codec: str = "mp4v") -> Path:
    """A video by OpenCV alone."""
    writer = cv2.VideoWriter(
        str(path.absolute()), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), rate, SIZE
    )
    assert writer.isOpened()
    for number in range(count):
        writer.write(picture(number))
    writer.release()
    return path


# Surgery on MP4 files, which OpenCV writes with their index behind the pictures.


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at + 8 : at + length]
        at += length


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def operated(content: bytes, path: Iterable[bytes], change: Callable[[bytes], bytes]) -> bytes:
    """The boxes with the content of the one at `path` changed."""
    first, *rest = path
    return b"".join(
        box(kind, inner)
        if kind != first
        else box(kind, operated(inner, rest, change) if rest else change(inner))
        for kind, inner in boxes(content)
    )


STBL = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def with_times(path: Path, milliseconds: list[int]) -> Path:
    """Show each frame from the time given on; the last one for 40 ms."""
    content = path.read_bytes()

    def without_edits(trak: bytes) -> bytes:
        parts = boxes(trak)
        return b"".join(box(b"free" if kind == b"edts" else kind, inner) for kind, inner in parts)

    def set_clock(header: bytes) -> bytes:
        return header[:12] + struct.pack(">II", 1000, milliseconds[-1] + 40) + header[20:]

    def set_durations(_: bytes) -> bytes:
        steps = [*np.diff(milliseconds), 40]
        table = b"".join(struct.pack(">II", 1, step) for step in steps)
        return struct.pack(">II", 0, len(steps)) + table

    content = operated(content, (b"moov", b"trak"), without_edits)
    content = operated(content, (b"moov", b"trak", b"mdia", b"mdhd"), set_clock)
    path.write_bytes(operated(content, (*STBL, b"stts"), set_durations))
    return path


def with_turn(path: Path) -> Path:
    """Have players turn the frames by 90 degrees clockwise."""
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(
        operated(
            path.read_bytes(),
            (b"moov", b"trak", b"tkhd"),
            lambda header: header[:40] + matrix + header[76:],
        )
    )
    return path


def with_pixel_ratio(path: Path, across: int, down: int) -> Path:
    def change(stsd: bytes) -> bytes:
        entry = next(inner for _, inner in boxes(stsd[8:]))
        others = [(kind, inner) for kind, inner in boxes(entry[78:]) if kind != b"pasp"]
        inner = b"".join(box(kind, content) for kind, content in others)
        ratio = box(b"pasp", struct.pack(">II", across, down))
        return stsd[:8] + box(b"mp4v", entry[:78] + inner + ratio)

    path.write_bytes(operated(path.read_bytes(), (*STBL, b"stsd"), change))
    return path


def matroska(
    path: Path, milliseconds: list[int], claimed_rate: int, claimed_length: float | None = None
) -> Path:
    """JPEG frames at any times, in a file of unknown length that claims a rate, as browsers do."""

    def element(identity: int, content: bytes) -> bytes:
        head = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
        return head + (len(content) | 1 << 56).to_bytes(8, "big") + content

    def whole(identity: int, value: int) -> bytes:
        return element(identity, value.to_bytes(8, "big"))

    head = element(0x1A45DFA3, element(0x4282, b"matroska") + whole(0x4287, 4) + whole(0x4285, 2))
    sizes = element(0xE0, whole(0xB0, SIZE[0]) + whole(0xBA, SIZE[1]))
    track = element(
        0xAE,
        whole(0xD7, 1) + whole(0x73C5, 1) + whole(0x83, 1) + element(0x86, b"V_MJPEG")
        + whole(0x23E383, 10**9 // claimed_rate) + sizes,
    )  # fmt: skip
    length = b"" if claimed_length is None else element(0x4489, struct.pack(">d", claimed_length))
    info = element(0x1549A966, whole(0x2AD7B1, 10**6) + length)
    clusters = b"".join(
        element(
            0x1F43B675,
            whole(0xE7, at)
            + element(
                0xA3,
                b"\x81\0\0\x80" + cv2.imencode(".jpg", picture(number))[1].tobytes(),
            ),
        )
        for number, at in enumerate(milliseconds)
    )
    segment = b"\x18\x53\x80\x67\x01" + b"\xff" * 7
    path.write_bytes(head + segment + info + element(0x1654AE6B, track) + clusters)
    return path


VARIABLE = [*range(0, 1000, 40), *range(1000, 9000, 1000), *range(9000, 10_000, 40)]
"""A phone's: 25 frames a second, one a second where it is dark."""
