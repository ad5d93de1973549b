"""Predicting: from the files that the user named to the exit code."""

import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from expressions.errors import InputError
from expressions.labels.prior import Prior
from expressions.pipeline.console import say
from expressions.prediction.output import CsvRows, JsonLines, Table
from expressions.prediction.predictor import Options, Output, Predictor
from expressions.prediction.recognizer import Recognizer
from expressions.prediction.sources import find_sources

FORMS: Mapping[str, Callable[[Sequence[str]], Output]] = {
    "json": JsonLines,
    "csv": CsvRows,
    "table": Table,
}

_INTERRUPTED = 130


class Recognition(NamedTuple):
    """How faces are recognised, as `Recognizer` takes it."""

    model: Path | None
    prior: Prior | None
    smallest_face: float | None
    cut_out: bool


def run(
    paths: Sequence[str], camera: int | None, recognition: Recognition, form: str, options: Options
) -> int:
    """Find the faces of files and of a camera, and write what they show; return the exit code.

    Args:
        paths: files, folders and patterns as the user wrote them.
        camera: its number, or None.
        recognition: how faces are recognised.
        form: one of `FORMS`.
        options: what is looked at and made of it.

    Raises:
        InputError: there is nothing to look at, or a mistake in what is asked for.
    """
    sources = find_sources(paths, options.folder)
    passed_over = _passed_over(sources.passed_over)
    if not sources.files and camera is None:
        raise InputError(f"There is no picture and no video in {', '.join(paths)}{passed_over}.")
    if passed_over and not options.quiet:
        say(f"note: {len(sources.files)} files to look at{passed_over}.", error=True)
    model, prior, smallest_face, cut_out = recognition
    recognizer = Recognizer(model, prior=prior, smallest_face=smallest_face, cut_out=cut_out)
    if model is None and not options.quiet:
        say_if_no_reference(recognizer)
    predictor = Predictor(recognizer, FORMS[form](recognizer.classes), options)
    before = signal.signal(signal.SIGINT, predictor.stop)
    try:
        predictor.run(sources.files)
        if camera is not None:
            predictor.run_camera(camera)
    except KeyboardInterrupt:
        say("Stopped; what is written until here is complete.", error=True)
        return _INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    return int(predictor.faulty > 0)


def say_if_no_reference(recognizer: Recognizer) -> None:
    """Say so where another model has to take the place of the reference model."""
    if not recognizer.card.trained_on_real_data:
        say(
            f"note: there is no reference model here; this is {recognizer.folder}, trained on "
            f"{recognizer.card.trained_on}.",
            error=True,
        )


def _passed_over(reasons: Counter[str]) -> str:
    listed = ", ".join(f"{count} ({reason})" for reason, count in sorted(reasons.items()))
    return f"; passed over: {listed}" if listed else ""
