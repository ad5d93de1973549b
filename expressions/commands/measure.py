"""Measuring models on labelled pictures: reading both, and what comes of it as a page."""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd

from expressions.datasets.labelled_pictures import LabelledPictures, read_labelled_pictures
from expressions.errors import InputError
from expressions.evaluation.confident_errors import most_confident_errors
from expressions.evaluation.confusion import row_shares
from expressions.evaluation.diagrams import draw_reliability
from expressions.evaluation.intervals import flatten
from expressions.evaluation.measurement import (
    BOOTSTRAP,
    ProtocolFigures,
    compare_models,
    count_unknown,
    known_emotions,
    measure_model,
    rows_of_answers,
)
from expressions.evaluation.measurement_output import (
    Measurement,
    describe_differences,
    to_json,
    to_text,
)
from expressions.labels.emotions import SPELLINGS
from expressions.labels.prior import Prior
from expressions.network.exports.network_file import SUFFIXES, open_network
from expressions.pictures.decoding import PictureError, read_picture
from expressions.pictures.files import Picture
from expressions.pipeline.console import printable, printable_json, say
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import read_file
from expressions.prediction.exported_model import default_folder
from expressions.prediction.measured.models import (
    Answers,
    ExportedFolder,
    InputDescription,
    MeasuredModel,
    NetworkDescription,
    NetworkInFile,
    Pictures,
)
from expressions.prediction.measured.written_answers import WrittenAnswers
from expressions.report.embedding import embed_file, embed_picture
from expressions.report.samples import mark_face, thumbnail
from expressions.report.splits import Confusion
from expressions.report.templates import render_template

_ERRORS_SHOWN = 24
_ERROR_HEIGHT = 150


class NetworkOptions(NamedTuple):
    """What the user says of networks in files."""

    classes: str
    """Emotions in the order of the outputs, with commas between; or nothing."""
    value_range: tuple[float, float]
    """What black and white are."""
    bgr: bool
    """The order of three channels."""


class Measured(NamedTuple):
    """A measurement and what it was made of."""

    measurement: Measurement
    pictures: LabelledPictures
    answers: dict[str, Answers]
    rows: dict[str, pd.DataFrame]
    """By model, the pictures that were measured, with its answers; the index is their place."""


def run(
    source: Path,
    split: str,
    paths: Sequence[Path] | None,
    options: NetworkOptions,
    prior: Prior | None,
    quiet: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Measure the models at `paths`, by default the reference model, and write the figures.

    Raises:
        InputError: pictures or a model cannot be read, or a model is named twice.
    """
    chosen = list(paths or [default_folder()])
    for path in chosen:
        if chosen.count(path) > 1:
            raise InputError(f"--model names {path} twice. Name each model once.")
    models = {str(path): open_model(path, options, prior) for path in chosen}
    measured = measure(source, split, models, quiet)
    _note(measured)
    if html is not None:
        page = render_page(measured)
        with whole_file(html) as partial:
            # Names may be in no encoding.
            partial.write_text(page, encoding="utf-8", errors="backslashreplace")
    if as_json:
        content = json.dumps(to_json(measured.measurement), indent=2, ensure_ascii=False)
        sys.stdout.write(printable_json(content) + "\n")
    else:
        sys.stdout.write(printable(to_text(measured.measurement)))


def open_model(path: Path, options: NetworkOptions, prior: Prior | None) -> MeasuredModel:
    """Open what is to be measured: an exported folder, a network in a file, or a table of answers.

    The table's probabilities are taken as they are, whatever the prior.

    Raises:
        InputError: it is none of them, or is damaged.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return ExportedFolder(path, prior)
    if suffix in SUFFIXES:
        network, description = open_network(path), describe_network(path, options)
        if network.outputs != len(description.classes):
            raise InputError(
                f"{path} has {network.outputs} outputs, but {len(description.classes)} classes are "
                "named. Name one for each output, in their order."
            )
        return NetworkInFile(network, description, prior)
    if suffix == ".csv":
        return WrittenAnswers(path, SPELLINGS)
    raise InputError(
        f"{path} is no folder of an exported model, no network ({', '.join(SUFFIXES)}) and no "
        ".csv of probabilities."
    )


def describe_network(path: Path, options: NetworkOptions) -> NetworkDescription:
    """Return what the user says of a network in a file, or what `<name>.json` beside it says.

    Raises:
        InputError: neither says its classes, or one is no emotion or stands twice.
    """
    beside = path.with_suffix(".json")
    low, high = options.value_range
    if not (math.isfinite(low) and math.isfinite(high) and low != high):
        raise InputError(f"--range is {low:g} {high:g}, expected two numbers, black and white.")
    if options.classes:
        description = NetworkDescription(
            classes=tuple(options.classes.split(",")),
            input=InputDescription(
                range=options.value_range, colour="bgr" if options.bgr else "rgb"
            ),
        )
    elif beside.is_file():
        description = read_file(NetworkDescription, beside)
    else:
        raise InputError(
            f"{path}: which emotions its outputs are is not known. Name them in their order, "
            f"--classes neutral,happiness,…, or write {beside.name} beside it: "
            '{"classes": ["neutral", "happiness", …], "input": {"range": [0, 255]}}.'
        )
    emotions = tuple(SPELLINGS.get(word.strip().lower(), "") for word in description.classes)
    for word, emotion in zip(description.classes, emotions, strict=True):
        if not emotion or emotions.count(emotion) > 1:
            raise InputError(
                f"{path}: {word!r} is no emotion or stands twice among its classes. Known: "
                f"{', '.join(sorted(SPELLINGS))}."
            )
    return description.model_copy(update={"classes": emotions})


def measure(source: Path, split: str, models: dict[str, MeasuredModel], quiet: bool) -> Measured:
    """Let every model answer the pictures of `source`, and make the figures.

    A picture that one model cannot read is left out for all.

    Raises:
        InputError: a picture's label is not known, or a model knows none of the labels.
    """
    pictures = read_labelled_pictures(source, split)
    asked = Pictures(pictures.samples["image_id"].tolist(), pictures.files, pictures.faces)
    answers = {name: model.answer(asked, quiet) for name, model in models.items()}
    unreadable = {place for its in answers.values() for place in its.unreadable}
    rows = {
        name: rows_of_answers(pictures.samples, pictures.twins, its.classes, its.probabilities)
        for name, its in answers.items()
    }
    rows = {name: its.drop(index=sorted(unreadable)) for name, its in rows.items()}
    unknown = {name: count_unknown(its) for name, its in rows.items()}
    for name, its in rows.items():
        if sum(unknown[name].values()) == len(its):
            raise InputError(f"{name} knows none of the emotions of {source}, so nothing is left.")
    left_out = pictures.left_out | ({"unreadable": len(unreadable)} if unreadable else {})
    measurement = Measurement(
        str(source),
        left_out,
        {name: measure_model(its, BOOTSTRAP) for name, its in rows.items()},
        unknown,
        {name: its.faces_per_second for name, its in answers.items()},
        {name: str(its.prior) for name, its in answers.items()},
        compare_models(rows, BOOTSTRAP),
    )
    return Measured(measurement, pictures, answers, rows)


def render_page(measured: Measured) -> str:
    """Return one HTML page that needs nothing beside it; names and labels are text in it."""
    measurement = measured.measurement
    models = [
        {
            "name": name,
            "left_out": measurement.unknown[name],
            "speed": measurement.faces_per_second[name],
            "prior": measurement.priors[name],
            "protocols": [_show_protocol(found) for found in protocols],
            "errors": list(_show_errors(measured, name)),
        }
        for name, protocols in measurement.models.items()
    ]
    differences = [
        {"comparison": one, "text": describe_differences(one.differences)}
        for one in measurement.comparisons
    ]
    return render_template(
        "measurement.html.j2",
        {
            "source": measurement.source,
            "left_out": measurement.left_out,
            "models": models,
            "differences": differences,
        },
    )


def _note(measured: Measured) -> None:
    """Say on standard error what was not measured, or counts as if there were no face."""
    names = measured.pictures.samples["image_id"]
    errors = {
        place: reason
        for its in measured.answers.values()
        for place, reason in its.unreadable.items()
    }
    for place, reason in sorted(errors.items()):
        say(f"{names[place]}: {reason}; left out", error=True)
    for name, its in measured.answers.items():
        for note in its.notes:
            say(f"{name}: {note}", error=True)


def _show_protocol(found: ProtocolFigures) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        diagram = Path(folder) / "reliability.png"
        draw_reliability(diagram, found.chosen.reliability, found.chosen.protocol.replace("_", " "))
        reliability = embed_file(diagram)
    shares = row_shares(found.matrix).tolist()
    return {
        "name": found.chosen.protocol,
        "figures": found.figures,
        "confusion": Confusion(found.chosen.classes, found.matrix.tolist(), shares, found.answers),
        "scores": [flatten(score) for score in found.by_class],
        "reliability": reliability,
    }


def _show_errors(measured: Measured, name: str) -> Iterator[dict[str, Any]]:
    """The pictures on which a model is wrong and most sure."""
    rows = measured.rows[name]
    emotions = known_emotions(rows)
    known = rows[rows["label"].isin(emotions)]
    errors = most_confident_errors(known, emotions, _ERRORS_SHOWN)
    for place, error in zip(errors.index.tolist(), errors.itertuples(), strict=True):
        picture = _picture_at(measured.pictures, place)
        box = measured.answers[name].boxes.get(place)
        if picture is not None and box is not None:
            picture = mark_face(picture, box)
        yield {
            "picture": embed_picture(thumbnail(picture, _ERROR_HEIGHT))
            if picture is not None
            else "",
            "name": error.image_id,
            "label": error.label,
            "predicted": error.predicted,
            "confidence": error.confidence,
        }


def _picture_at(pictures: LabelledPictures, place: int) -> Picture | None:
    if pictures.faces is not None:
        return pictures.faces[place]
    try:
        return read_picture(pictures.files[place])[0]
    except PictureError:
        return None
