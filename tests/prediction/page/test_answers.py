"""What the page says: no name becomes markup, and no file becomes more pixels than there may be."""

from html.parser import HTMLParser

import numpy as np
import pytest
from helpers import CLASSES, export

from expressions.faces.detection.mtcnn import Face
from expressions.labels.prior import Prior
from expressions.prediction.page.answers import describe, model_card, not_estimated
from expressions.prediction.page.elements import read
from expressions.prediction.recognizer import Recognition, Recognizer

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "' onload='alert(1)",
    '"><svg/onload=alert(1)>', "${alert(1)}", "{{ alert(1) }}", "&lt;b&gt;",
]  # fmt: skip
"""Names of seven classes."""


class Elements(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Recognizer:
    """A model whose names are markup."""
    return Recognizer(
        export(
            tmp_path_factory.mktemp("hostile"), classes=HOSTILE, name=HOSTILE[0],
            trained_on=HOSTILE[1], metrics={"test": {"majority": {
                "n": 1, "accuracy": 0.5, "accuracy_low": 0.4, "accuracy_high": 0.6, "macro_f1": 0.5,
            }}},
        )
    )  # fmt: skip


def test_a_picture_that_is_taken_for_a_face_is_shown_as_it_is_and_told(hostile):
    nowhere = Face(0, 0, 90, 90, 0.0, np.full((5, 2), np.nan))
    whole = Recognition(nowhere, HOSTILE[0], np.full(7, 1 / 7, np.float32), whole_picture=True)
    said = Elements(describe(hostile, np.zeros((90, 90, 3), np.uint8), [whole])).text
    assert "No face was found in this small picture, so all of it is taken for one." in said


@pytest.mark.parametrize(("size", "smallest"), [((300, 400), "24"), ((3000, 4000), "42")])
def test_where_there_is_no_face_the_sizes_that_were_looked_for_are_said(hostile, size, smallest):
    said = Elements(describe(hostile, np.zeros(size, np.uint8), [])).text
    assert f"Faces from {smallest} pixels on were looked for." in said


def test_what_is_expected_and_what_could_not_be_estimated_is_said(tmp_path):
    folder = export(tmp_path, prior=[0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    recognizer = Recognizer(folder, prior="estimated", cut_out=True)
    assert "as often as a picture of 50 faces shows them" in model_card(recognizer)
    found = recognizer.recognize(np.arange(2304, dtype=np.uint8).reshape(48, 48))
    said = not_estimated(recognizer, found)
    assert said.startswith("1 of the 50 faces that it takes to estimate")
    assert said.endswith("the prior is tempered")
    assert not_estimated(Recognizer(folder).one_by_one(), found) == ""
    assert not_estimated(recognizer, []) == ""
    assert "more evenly than its training" in model_card(Recognizer(folder).one_by_one())


def test_each_prior_is_said_in_words_of_its_own(tmp_path):
    intended = {"classes": CLASSES, "weights": np.eye(7).tolist(), "bias": [0] * 7}
    folder = export(tmp_path, prior=[0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], intended=intended)
    cards = {prior: model_card(Recognizer(folder, prior=prior)) for prior in Prior}
    assert len(set(cards.values())) == len(Prior)
    assert "each emotion as often as every other" in cards[Prior.EVEN]


def test_no_label_becomes_markup(hostile):
    face = Face(10, 10, 50, 50, 1.0, np.zeros((5, 2)) + np.arange(5)[:, None] * 8 + 15)
    shares = np.full(7, 1 / 7, np.float32)
    found = [Recognition(face, name, shares) for name in HOSTILE]
    said = Elements(describe(hostile, np.zeros((99, 99, 3), np.uint8), found, note=HOSTILE[0]))
    assert set(said.tags) == {"p", "div", "section", "img", "h3", "span", "i", "b"}
    assert not [name for name in said.attributes if name.startswith("on")]
    for name in HOSTILE:
        assert said.text.count(name) >= 8


def test_no_name_of_a_model_or_error_becomes_markup(hostile):
    for html in (model_card(hostile), describe(hostile, None, [], error="".join(HOSTILE))):
        said = Elements(html)
        assert not {"script", "svg", "img"} & set(said.tags)
        assert not [name for name in said.attributes if name.startswith("on")]
        assert HOSTILE[0] in said.text


def test_a_file_that_claims_too_many_pixels_is_not_decoded(huge_png):
    picture, note = read(huge_png(9000))
    assert picture is None
    assert "81 million pixels, more than the 50 million that are taken" in note
    assert read(huge_png(900))[0].shape == (900, 900)
