"""The emotions by name, in the one order that tables, arrays and models share."""

from collections.abc import Sequence

from expressions.errors import InputError

EMOTIONS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)

# Every spelling the sources are known to use, besides the emotions' own names.
SPELLINGS = {
    "happy": "happiness",
    "sad": "sadness",
    "angry": "anger",
    "disgusted": "disgust",
    "surprised": "surprise",
    "afraid": "fear",
    "fearful": "fear",
    "contemptuous": "contempt",
} | {emotion: emotion for emotion in EMOTIONS}


def classes(count: int) -> tuple[str, ...]:
    """Return the first `count` emotions: 7 leaves out contempt, 8 is all of them."""
    return EMOTIONS[:count]


def canonical(spellings: Sequence[str], where: str) -> list[str]:
    """Return the emotions that `spellings` mean, whatever their case and the blanks around them.

    `where` names the file, for the error; row numbers count the header as row 1.

    Raises:
        InputError: a spelling that is not known, with its row.
    """
    emotions = []
    for row, spelling in enumerate(spellings, start=2):
        emotion = SPELLINGS.get(str(spelling).strip().lower())
        if emotion is None:
            raise InputError(
                f"{where}, row {row}: {spelling!r} is no known emotion. Known spellings: "
                f"{', '.join(sorted(SPELLINGS))} (in any case). Correct the row."
            )
        emotions.append(emotion)
    return emotions
