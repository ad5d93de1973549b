"""The page's elements and what they do, in Gradio."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from expressions.pictures.decoding import PictureError, decode_first
from expressions.pictures.files import Picture
from expressions.prediction.drawing import annotate
from expressions.prediction.frames import FaceResult
from expressions.prediction.page.answers import (
    describe,
    model_card,
    not_estimated,
    picture_address,
)
from expressions.prediction.page.uploads import Uploads
from expressions.prediction.recognizer import Recognizer

# Before Gradio is imported: it neither reports its use, nor asks for newer versions, nor keeps a
# record of every request.
os.environ |= {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
import gradio as gr
from gradio.utils import LRUCache

LARGEST_PICTURE = 50_000_000
"""Pixels; a file of a few bytes can claim to hold many more."""

FILE = "/gradio_api/file="
"""What stands before a picture's token in its address."""

MOST_WAITING = 64
"""Pictures that wait for their turn; more are refused."""

MOST_SESSIONS = 128
"""Open pages whose last answer is kept; the oldest make room."""

_SAMPLES = Path(__file__).parents[3] / "samples"
# Pixels of the longest side of the picture that is shown.
_SHOWN = 2048


class Elements(NamedTuple):
    """The page, and what may be asked of it."""

    blocks: gr.Blocks
    look: int
    """The number of the function that takes a picture's token."""
    choose: int
    """The number of the function that takes a sample's index."""
    samples: dict[str, bytes]
    """The pictures that everybody may see, by their token, in the order of their indices."""

    def knows(self, session: str) -> bool:
        """Return whether there is or was something to answer in a session."""
        return session in self.blocks._queue.pending_messages_per_session  # noqa: SLF001


def build(recognizer: Recognizer, uploads: Uploads) -> Elements:
    """Return the page's elements.

    Gradio checks only files that say of themselves that they are some, and opens others. So it gets
    no file: a picture's `path` is a token here, and what it stands for is taken from `uploads`.
    """
    samples = {path.name: path.read_bytes() for path in sorted(_SAMPLES.glob("*.jpg"))}

    def look(token: str | None) -> tuple[dict[str, str] | None, str]:
        if token is None:
            return None, ""
        content = samples.get(token) or uploads.read(token)
        if content is None:
            return None, describe(recognizer, None, [], error="The picture is gone. Give it again.")
        picture, note = read(content)
        if picture is None:
            return None, describe(recognizer, None, [], error=note)
        found = recognizer.recognize(picture)
        notes = (note, recognizer.not_looked_for(picture), not_estimated(recognizer, found))
        note = "; ".join(filter(None, notes))
        faces = [FaceResult(recognition) for recognition in found]
        drawn = annotate(picture, faces, recognizer.classes, bars=False)
        return _embedded(drawn), describe(recognizer, picture, found, note=note)

    def choose(index: int) -> str:
        return list(samples)[index]

    with gr.Blocks(title="Expressions", analytics_enabled=False) as blocks:
        gr.Markdown(
            "# Expressions\nWhich emotion does a face show? Drop a picture, paste one, or use the "
            "camera. It stays on the machine of this page and is not kept.",
            elem_id="title",
        )
        with gr.Row():
            with gr.Column(min_width=300, elem_id="left"):
                given = gr.Image(
                    sources=["upload", "clipboard", "webcam"],
                    label="Your picture",
                    height=360,
                    buttons=[],
                    elem_id="given",
                )
                gr.HTML(model_card(recognizer), elem_id="card")
            with gr.Column(min_width=300, elem_id="right"):
                drawn = gr.Image(
                    label="Faces",
                    height=360,
                    interactive=False,
                    buttons=["fullscreen"],
                    elem_id="drawn",
                )
                answer = gr.HTML(elem_id="answer")
        # On the instances, since a subclass makes Gradio write a stub file beside this one.
        given.preprocess = _token_of  # type: ignore[method-assign]
        given.postprocess = _address_of  # type: ignore[method-assign, assignment]
        drawn.postprocess = _as_it_is  # type: ignore[method-assign]
        if samples:
            gallery = gr.Dataset(
                components=[given],
                samples=[[token] for token in samples],
                type="index",
                label="Or one of these (painted, no real persons)",
                samples_per_page=12,
                elem_id="samples",
            )
            gallery.click(choose, gallery, given, api_visibility="private")
        given.change(look, given, [drawn, answer], api_visibility="private")
    blocks.queue(max_size=MOST_WAITING, default_concurrency_limit=1, api_open=False)
    _bound_memory(blocks)
    functions = {function.name: number for number, function in blocks.fns.items()}
    return Elements(blocks, functions["look"], functions.get("choose", -1), samples)


def read(content: bytes) -> tuple[Picture | None, str]:
    """Return the picture in a file and a note; or None and what is wrong with it."""
    try:
        return decode_first(content, LARGEST_PICTURE)
    except PictureError as error:
        return None, f"This file cannot be shown: {error}."


def theme() -> Any:
    """Return the page's colours, and fonts that every browser has."""
    fonts = ("system-ui", "sans-serif")
    return gr.themes.Soft(primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=fonts)


def _bound_memory(blocks: gr.Blocks) -> None:
    # Of each session Gradio keeps the last answer, and those that nobody fetches.
    blocks.state_session_capacity = MOST_SESSIONS
    blocks._queue.pending_messages_per_session = LRUCache(MOST_SESSIONS)  # noqa: SLF001


def _token_of(payload: Any) -> str | None:
    return None if payload is None else str(payload.path)


def _address_of(token: str | None) -> dict[str, str] | None:
    return None if token is None else {"path": token, "url": FILE + token}


def _as_it_is(value: Any) -> Any:
    return value


def _embedded(drawn: Picture) -> dict[str, str]:
    """Return a picture as the page shows it, in its address and in no file."""
    factor = min(1.0, _SHOWN / max(drawn.shape[:2]))
    if factor < 1:
        drawn = cv2.resize(drawn, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return {"url": picture_address(drawn)}
