"""The page: emotions on one picture in the browser, on this machine alone."""

import base64
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import jinja2
import numpy as np
from numpy.typing import NDArray

from expressions.faces.alignment import align
from expressions.pictures.decoding import PictureError, read_picture
from expressions.pictures.files import Picture
from expressions.prediction.drawing import annotate, colour_of
from expressions.prediction.exported_model import Card
from expressions.prediction.frames import FaceResult
from expressions.prediction.recognizer import Recognition, Recognizer

# Before Gradio is imported: it neither reports its use nor asks for newer versions.
os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
import gradio as gr

LARGEST_FILE = "15mb"
LARGEST_PICTURE = 50_000_000
"""Pixels; a file of a few bytes can claim to hold many more."""

SAMPLES = Path(__file__).parents[3] / "samples"

_WAITING = 8
# Seconds: pictures are kept for so long, since the browser asks for them by their address.
_LOOK_EVERY, _KEEP_FOR = 60, 120
_FACE_SIDE = 144

_PAGE = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def serve(recognizer: Recognizer, host: str, port: int, open_browser: bool) -> None:
    """Serve the page until Ctrl-C; what was uploaded is gone after two minutes, or then."""
    with TemporaryDirectory(prefix="expressions-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        page = build(recognizer)
        page.queue(max_size=_WAITING, default_concurrency_limit=1, api_open=False)
        page.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            share=False,
            max_file_size=LARGEST_FILE,
            allowed_paths=[str(SAMPLES)] if SAMPLES.is_dir() else [],
            quiet=True,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            mcp_server=False,
            ssr_mode=False,
            pwa=False,
            theme=_theme(),
            css_paths=Path(__file__).with_name("page.css"),
        )


def build(recognizer: Recognizer) -> gr.Blocks:
    """Return the page's elements and what they do."""

    def look(path: str | None) -> tuple[NDArray[np.uint8] | None, str]:
        if path is None:
            return None, ""
        picture, word = read(Path(path))
        if picture is None:
            return None, describe(recognizer, None, [], error=word)
        found = recognizer.recognize(picture)
        faces = [FaceResult(recognition) for recognition in found]
        drawn = annotate(picture, faces, recognizer.classes, bars=False)
        return drawn[..., ::-1], describe(recognizer, picture, found, note=word)

    with gr.Blocks(
        title="Expressions", analytics_enabled=False, delete_cache=(_LOOK_EVERY, _KEEP_FOR)
    ) as page:
        gr.Markdown(
            "# Expressions\nWhich emotion does a face show? Drop a picture, paste one, or use the "
            "camera. It stays on this machine and is not kept.",
            elem_id="title",
        )
        with gr.Row():
            with gr.Column(min_width=300, elem_id="left"):
                given = gr.Image(
                    type="filepath",
                    image_mode=None,
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
                    format="jpeg",
                    interactive=False,
                    buttons=["fullscreen"],
                    elem_id="drawn",
                )
                answer = gr.HTML(elem_id="answer")
        if SAMPLES.is_dir():
            gr.Examples(
                [[str(path)] for path in sorted(SAMPLES.glob("*.jpg"))],
                given,
                label="Or one of these (painted, no real persons)",
                examples_per_page=12,
                elem_id="samples",
            )
        # The file as it came: what Gradio cannot open is for `read` to explain. On the instance,
        # since a subclass makes Gradio write a stub file beside this one.
        given.preprocess = _path_of  # type: ignore[method-assign]
        given.change(look, given, [drawn, answer], api_visibility="private")
    return page


def read(path: Path) -> tuple[Picture | None, str]:
    """Return the picture in a file and a note; or None and what is wrong with it."""
    try:
        return read_picture(path, LARGEST_PICTURE)
    except PictureError as error:
        return None, f"This file cannot be shown: {error}."


def describe(
    recognizer: Recognizer,
    picture: Picture | None,
    found: list[Recognition],
    error: str = "",
    note: str = "",
) -> str:
    """Return the faces with their bars as HTML, or the reason why there are none."""
    smallest = 0
    if picture is not None:
        smallest = round(recognizer.card.framing.min_face * min(picture.shape[:2]))
    faces = [
        {
            "emotion": one.emotion,
            "picture": _thumbnail(picture, one),
            "probabilities": list(zip(recognizer.classes, one.probabilities.tolist(), strict=True)),
        }
        for one in found
        if picture is not None
    ]
    colours = {name: f"rgb{colour_of(name)}" for name in recognizer.classes}
    return _PAGE.get_template("faces.html.j2").render(
        error=error, note=note, faces=faces, smallest=max(smallest, 20), colours=colours
    )


def model_card(recognizer: Recognizer) -> str:
    """Return what the model is, how good it is, and what it is not for, as HTML."""
    return _PAGE.get_template("card.html.j2").render(
        card=recognizer.card,
        figures=headline(recognizer.card),
        is_reference=recognizer.card.trained_on_real_data,
    )


def headline(card: Card) -> dict[str, Any] | None:
    """Return the strictest figures on the test split; None where there are none."""
    split = card.metrics.get("test", {})
    return split.get("majority") or split.get("most_votes")


def _thumbnail(picture: Picture, one: Recognition) -> str:
    face = align(picture, one.face, 0.1)
    small = cv2.resize(face, (_FACE_SIDE, _FACE_SIDE), interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", small)[1].tobytes()
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _path_of(payload: Any) -> str | None:
    return None if payload is None else str(payload.path)


def _theme() -> Any:
    fonts = ("system-ui", "sans-serif")
    return gr.themes.Soft(primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=fonts)
