"""Action units: what the muscles of a face do, and which of them make an emotion.

Those of the Facial Action Coding System (Ekman and Friesen 1978), from 0, absent, to 1, full.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class ActionUnits:
    """How far the muscles of the face move, each from 0 to 1."""

    inner_brow_raiser: float = 0.0  # AU 1
    outer_brow_raiser: float = 0.0  # AU 2
    brow_lowerer: float = 0.0  # AU 4
    upper_lid_raiser: float = 0.0  # AU 5
    cheek_raiser: float = 0.0  # AU 6
    lid_tightener: float = 0.0  # AU 7
    nose_wrinkler: float = 0.0  # AU 9
    upper_lip_raiser: float = 0.0  # AU 10
    lip_corner_puller: float = 0.0  # AU 12
    dimpler: float = 0.0  # AU 14, of one side
    lip_corner_depressor: float = 0.0  # AU 15
    lower_lip_depressor: float = 0.0  # AU 16
    chin_raiser: float = 0.0  # AU 17
    lip_stretcher: float = 0.0  # AU 20
    lip_tightener: float = 0.0  # AU 23
    lips_part: float = 0.0  # AU 25
    jaw_drop: float = 0.0  # AU 26
    lids_drooping: float = 0.0  # AU 43


EXPRESSIONS = {
    "neutral": ActionUnits(),
    "happiness": ActionUnits(cheek_raiser=0.9, lip_corner_puller=1.0, lips_part=1.0),
    "surprise": ActionUnits(
        inner_brow_raiser=1.0, outer_brow_raiser=1.0, upper_lid_raiser=0.9, lips_part=1.0,
        jaw_drop=1.0,
    ),
    "sadness": ActionUnits(
        inner_brow_raiser=1.0, brow_lowerer=0.5, lip_corner_depressor=1.0, chin_raiser=0.4,
        lids_drooping=0.4,
    ),
    "anger": ActionUnits(
        brow_lowerer=1.0, upper_lid_raiser=0.8, lid_tightener=0.5, upper_lip_raiser=0.7,
        lower_lip_depressor=0.8, lip_tightener=0.6, lips_part=1.0, jaw_drop=0.5,
    ),
    "disgust": ActionUnits(
        brow_lowerer=0.4, cheek_raiser=0.6, lid_tightener=0.9, nose_wrinkler=1.0,
        upper_lip_raiser=1.0, lip_corner_depressor=0.1, lips_part=0.5, jaw_drop=0.25,
    ),
    "fear": ActionUnits(
        inner_brow_raiser=1.0, outer_brow_raiser=0.3, brow_lowerer=0.9, upper_lid_raiser=1.0,
        lip_stretcher=1.0, lips_part=1.0, jaw_drop=0.75,
    ),
    "contempt": ActionUnits(lip_corner_puller=0.25, dimpler=1.0, lid_tightener=0.2),
}  # fmt: skip


def blend(weights: dict[str, float]) -> ActionUnits:
    """Return the weighted sum of the emotions' action units, limited to 1."""
    moved = {
        field.name: sum(
            weight * float(getattr(EXPRESSIONS[emotion], field.name))
            for emotion, weight in weights.items()
        )
        for field in fields(ActionUnits)
    }
    return ActionUnits(**{name: min(1.0, value) for name, value in moved.items()})
