"""The proof that FER+'s votes and FER-2013's pictures are the same rows in the same order.

No name or number joins the two tables, so what can be held against each other is: the `Usage` of
each row, that FER+'s names rise from row to row, and that FER-2013's own labels agree with the
votes, which they do on 63 % of the rows, and by chance on 18 %.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.datasets.layouts.fer2013_tables import EMOTION_CODES
from expressions.errors import InputError
from expressions.labels import ferplus
from expressions.labels.emotions import EMOTIONS

_ADVICE = "The tables belong together row by row; take both whole and in their original order."

# Shares of rows on which label and votes agree: where the rows are the same ones, and where not.
_SAME, _OTHER = 0.63, 0.2
# Of the logarithm of how much likelier a stretch is among other rows: e^22 is far above what chance
# makes in a million rows (11 in FER-2013), and is reached within 50 to 100 exchanged rows.
_LIKELIER = 22.0


def prove_same_rows(votes: pd.DataFrame, usage: list[str], codes: list[str], names: str) -> None:
    """Prove that the rows of FER+'s table and of the picture table are the same ones.

    Args:
        votes: `Usage`, `Image name` and the ten vote columns.
        usage: of the pictures.
        codes: FER-2013's own labels of the pictures, 0 to 6.
        names: of both tables, for the message.

    Raises:
        InputError: different numbers of rows, or the first row at which they differ.
    """
    _prove_usage(votes["Usage"].tolist(), usage, names)
    _prove_order(votes["Image name"], names)
    counts = votes[list(ferplus.VOTE_COLUMNS)].to_numpy()
    own = np.array([EMOTIONS.index(emotion) for emotion in EMOTION_CODES])[np.array(codes, int)]
    stretch = find_other_rows(own, counts)
    if stretch is not None:
        first, last = stretch
        raise InputError(
            f"{names}: from row {first + 2} to {last + 1} FER-2013's own labels agree with the "
            f"votes as if these were other pictures' ones. {_ADVICE}"
        )


def find_other_rows(own: NDArray[np.int64], votes: NDArray[np.int64]) -> tuple[int, int] | None:
    """Find the stretch of rows whose labels agree with the votes as those of other rows would.

    It is the stretch that is likeliest to have the agreement of other rows (the cumulative sum of
    Page 1954, "Continuous inspection schemes", Biometrika 41), if it is likely enough. Some 50 to
    100 rows show it; a few exchanged ones do not.

    Args:
        own: FER-2013's labels as indices of emotions, `[n]`.
        votes: `[n, 10]`.

    Returns:
        The first row and the one behind the last, counted from 0; None where there is none.
    """
    winner = ferplus.most_votes(votes)
    known = (winner < len(EMOTION_CODES)) & (votes.sum(axis=1) > 0)
    likelier = np.where(own == winner, np.log(_OTHER / _SAME), np.log((1 - _OTHER) / (1 - _SAME)))
    total = np.concatenate([[0.0], np.cumsum(np.where(known, likelier, 0.0))])
    rise = total - np.minimum.accumulate(total)
    end = int(rise.argmax())
    if rise[end] < _LIKELIER:
        return None
    return int(total[: end + 1].argmin()), end


def _prove_usage(votes: list[str], pictures: list[str], names: str) -> None:
    for row, (first, second) in enumerate(zip(votes, pictures, strict=False), start=2):
        if first != second:
            raise InputError(
                f"{names} differ in row {row}: Usage is {first!r} and {second!r}. {_ADVICE}"
            )
    if len(votes) != len(pictures):
        raise InputError(f"{names} have {len(votes)} and {len(pictures)} rows. {_ADVICE}")


def _prove_order(image_names: "pd.Series[str]", names: str) -> None:
    # Names that are blank or stand twice, as a few do, say nothing of the order.
    numbers = image_names[~image_names.duplicated(keep=False)].str.extract(r"^fer(\d{7,9})\.png$")
    rising = numbers[0].dropna().astype(int)
    for row in rising.index[rising.diff() < 0]:
        raise InputError(
            f"{names}: {image_names[row]!r} in row {row + 2} stands below a name with a larger "
            f"number, as in no published table. {_ADVICE}"
        )
