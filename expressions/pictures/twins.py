"""Pictures with the same pixels in two splits, which make an accuracy look too good."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def find_twins(digests: Sequence[bytes | None], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True for rows `inside` whose picture equals that of a row outside; `[n]`.

    Args:
        digests: of the pixels of each row; None where there is no face, which equals nothing.
        inside: a part of the rows, `[n]`.
    """
    outside = {digest for digest, here in zip(digests, inside, strict=True) if not here} - {None}
    return inside & np.array([digest in outside for digest in digests], dtype=np.bool_)
