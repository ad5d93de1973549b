"""What the page says of a picture and of its model, as HTML; no name gets into it as markup."""

import base64
from pathlib import Path
from typing import Any

import cv2
import jinja2

from expressions.faces.alignment import align
from expressions.faces.preprocessing import centre_square
from expressions.labels.prior import FEWEST_FACES, Prior
from expressions.pictures.files import Picture
from expressions.prediction.drawing import colour_of
from expressions.prediction.exported_model import Card
from expressions.prediction.recognizer import Recognition, Recognizer

_FACE_SIDE = 144
_QUALITY = 90

_EXPECTED = {
    Prior.TRAINING: "each emotion as often as its training showed it",
    Prior.TEMPERED: "the emotions a little more evenly than its training showed them",
    Prior.EVEN: "each emotion as often as every other",
    Prior.ESTIMATED: f"the emotions as often as a picture of {FEWEST_FACES} faces shows them",
    Prior.INTENDED: "each emotion meant as often as every other, however faintly it shows",
}

_PAGE = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def describe(
    recognizer: Recognizer,
    picture: Picture | None,
    found: list[Recognition],
    error: str = "",
    note: str = "",
) -> str:
    """Return the faces with their bars as HTML, or the reason why there are none."""
    smallest = 0.0 if picture is None else recognizer.smallest_face(picture)
    faces = [
        {
            "emotion": one.emotion,
            "picture": _thumbnail(picture, one),
            "whole_picture": one.whole_picture,
            "probabilities": list(zip(recognizer.classes, one.probabilities.tolist(), strict=True)),
        }
        for one in found
        if picture is not None
    ]
    colours = {name: f"rgb{colour_of(name)}" for name in recognizer.classes}
    return _PAGE.get_template("faces.html.j2").render(
        error=error, note=note, faces=faces, smallest=round(smallest), colours=colours
    )


def not_estimated(recognizer: Recognizer, found: list[Recognition]) -> str:
    """Return why shares of the emotions were not estimated although that is wished; or nothing."""
    if not found or found[0].prior == recognizer.prior:
        return ""
    return (
        f"{len(found)} of the {FEWEST_FACES} faces that it takes to estimate how often each "
        f"emotion is expected: the prior is {found[0].prior}"
    )


def model_card(recognizer: Recognizer) -> str:
    """Return what the model is, how good it is, and what it is not for, as HTML."""
    return _PAGE.get_template("card.html.j2").render(
        card=recognizer.card,
        figures=headline(recognizer.card),
        expected=_EXPECTED[recognizer.prior],
        is_reference=recognizer.card.trained_on_real_data,
    )


def headline(card: Card) -> dict[str, Any] | None:
    """Return the strictest figures on the test split; None where there are none."""
    split = card.metrics.get("test", {})
    return split.get("majority") or split.get("most_votes")


def picture_address(picture: Picture) -> str:
    """Return an address that holds a picture, as JPEG, whole."""
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _thumbnail(picture: Picture, one: Recognition) -> str:
    face = centre_square(picture) if one.whole_picture else align(picture, one.face, 0.1)
    return picture_address(cv2.resize(face, (_FACE_SIDE, _FACE_SIDE), interpolation=cv2.INTER_AREA))
