"""How faces are found in photographs and cut out of them: for training, evaluation and use."""

from typing import Literal

from pydantic import Field

from expressions.pipeline.parameters import Section


class Framing(Section):
    """What a model's faces were found and cut out with, so that a user's are treated alike."""

    margin: float = Field(-0.03, ge=-0.25, le=1, description="share of the box added on each side")
    confidence: float = Field(0.8, ge=0, le=1, description="below it a face does not count")
    min_face: float = Field(0.1, ge=0, le=1, description="smallest face, share of the shorter side")
    longest_side: int = Field(
        640, ge=48, le=20_000, description="pixels to which larger pictures are shrunk"
    )


class Crop(Framing):
    """The part of one data set in the `crop` section; the defaults are those for photographs."""

    detect: bool
    no_face: Literal["keep", "drop"] = "drop"
