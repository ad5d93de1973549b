"""Parts of pictures: the square about a box, whatever the box."""

import numpy as np
import pytest

from expressions.pictures.parts import Part, cut_square

PICTURE = np.arange(6 * 8, dtype=np.uint8).reshape(6, 8)


@pytest.mark.parametrize(
    ("part", "rows", "columns"),
    [
        (Part(2, 1, 5, 4), [1, 2, 3], [2, 3, 4]),
        (Part(2, 1, 4, 5), [1, 2, 3, 4], [1, 2, 3, 4]),
        (Part(2, 2, 4, 4, margin=0.5), [1, 2, 3, 4], [1, 2, 3, 4]),
        (Part(0, 0, 2, 2, margin=0.5), [0, 0, 1, 2], [0, 0, 1, 2]),
        (Part(-90, -90, 2, 2), [0, 1], [0, 1]),
        (Part(6, 4, 1e9, 1e9), [4, 5], [6, 7]),
        (Part(3.2, 3.2, 3.4, 3.4), [3], [3]),
    ],
)
def test_a_square_goes_on_beyond_the_edge(part, rows, columns):
    square = cut_square(PICTURE, part)
    assert square is not None
    assert square.tolist() == PICTURE[np.ix_(rows, columns)].tolist()


def test_colour_stays():
    colour = np.dstack([PICTURE, PICTURE + 50, PICTURE + 100])
    square = cut_square(colour, Part(1, 1, 3, 3))
    assert square is not None
    assert square.shape == (2, 2, 3)
    assert square[0, 0].tolist() == [9, 59, 109]


@pytest.mark.parametrize(
    "part",
    [Part(8, 0, 9, 2), Part(0, 6, 2, 9), Part(-5, 0, 0, 2), Part(3, 3, 3, 5), Part(4, 3, 2, 5)],
)
def test_a_box_beside_the_picture_or_without_area_gives_nothing(part):
    assert cut_square(PICTURE, part) is None
