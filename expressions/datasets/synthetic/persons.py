"""Persons that do not exist: what stays of a face from one expression to the next."""

from dataclasses import dataclass

import numpy as np

from expressions.datasets.synthetic.canvas import Colour, mixed, shaded

_FAIR, _DARK = (176.0, 202.0, 240.0), (72.0, 98.0, 142.0)
_BLACK, _BROWN, _CHESTNUT = (26.0, 27.0, 31.0), (36.0, 50.0, 74.0), (44.0, 72.0, 112.0)
_BLOND, _GREY = (92.0, 142.0, 184.0), (158.0, 160.0, 162.0)
_DARK_EYES, _LIGHT_EYES = (38.0, 52.0, 78.0), (136.0, 120.0, 92.0)

_STYLES_OF_MEN = {"bald": 0.05, "cropped": 0.32, "parted": 0.29, "swept": 0.22, "receding": 0.12}
_STYLES_OF_WOMEN = {"long": 0.36, "bob": 0.24, "fringe": 0.2, "tied": 0.2}


@dataclass(frozen=True)
class Identity:
    """A person; lengths are in half heads."""

    woman: bool
    age: float
    """0, young, to 1, old."""
    skin: Colour
    hair: Colour
    iris: Colour
    style: str
    """How the hair is worn."""
    hairline: float
    parting: float
    head_width: float
    jaw: float
    """How wide the jaw is, as a share of the cheekbones."""
    eye_distance: float
    eye_size: float
    eye_slant: float
    brow_height: float
    brow_thickness: float
    nose_width: float
    nose_length: float
    mouth_width: float
    lip_thickness: float
    stubble: float
    moustache: float
    glasses: bool
    marks: int
    """Seeds what is strewn: hairs and the skin's blotches."""


def random_identity(rng: np.random.Generator) -> Identity:
    """Make up a person."""
    woman = bool(rng.random() < 0.5)
    age = float(rng.random())
    tone = float(rng.beta(0.9, 1.2))
    skin = shaded(mixed(_FAIR, _DARK, tone), rng.uniform(0.95, 1.05))
    styles = _STYLES_OF_WOMEN if woman else _STYLES_OF_MEN
    bearded = not woman and rng.random() < 0.4
    return Identity(
        woman=woman,
        age=age,
        skin=skin,
        hair=_hair(tone, age, rng),
        iris=_LIGHT_EYES if tone < 0.3 and rng.random() < 0.4 else _DARK_EYES,
        style=str(rng.choice(list(styles), p=list(styles.values()))),
        hairline=rng.uniform(-0.82, -0.7),
        parting=float(rng.choice([-1, 1])) * rng.uniform(0.1, 0.35),
        head_width=rng.uniform(0.7, 0.76) + (0 if woman else 0.03),
        jaw=rng.uniform(0.74, 0.82) + (0 if woman else 0.07),
        eye_distance=rng.uniform(0.295, 0.325),
        eye_size=rng.uniform(0.15, 0.175),
        eye_slant=rng.uniform(-0.012, 0.02),
        brow_height=rng.uniform(-0.385, -0.35) if woman else rng.uniform(-0.365, -0.33),
        brow_thickness=rng.uniform(0.032, 0.048) if woman else rng.uniform(0.045, 0.068),
        nose_width=rng.uniform(0.125, 0.155) + 0.02 * tone,
        nose_length=rng.uniform(0.24, 0.3),
        mouth_width=rng.uniform(0.235, 0.28),
        lip_thickness=rng.uniform(0.048, 0.066) + (0.008 if woman else 0) + 0.01 * tone,
        stubble=rng.uniform(0.15, 0.75) if bearded else 0.0,
        moustache=rng.uniform(0.3, 0.9) if bearded and rng.random() < 0.5 else 0.0,
        glasses=bool(rng.random() < 0.1),
        marks=int(rng.integers(2**31)),
    )


def _hair(tone: float, age: float, rng: np.random.Generator) -> Colour:
    # Fair hair beside dark skin leaves a detector too little contrast.
    shares = (0.25, 0.33, 0.24, 0.18) if tone < 0.35 else (0.75, 0.25, 0, 0)
    colours = (_BLACK, _BROWN, _CHESTNUT, _BLOND)
    colour = colours[rng.choice(4, p=shares)]
    grey = max(0.0, rng.uniform(-0.4, 1.2)) if age > 0.7 else 0.0
    return shaded(mixed(colour, _GREY, min(0.9, grey) * (1 - tone)), rng.uniform(0.85, 1.15))
