"""The forms in which a measurement is written: lines to read, and JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from expressions.evaluation.intervals import Differences, Estimate, flatten
from expressions.evaluation.measurement import NO_FACE, Comparison, ProtocolFigures

_DECIMALS = 6
_SHORT = {NO_FACE: "none"}


class Measurement(NamedTuple):
    """Everything that was measured on some pictures."""

    source: str
    left_out: Mapping[str, int]
    """How many pictures are not measured, by reason."""
    models: Mapping[str, Sequence[ProtocolFigures]]
    """By the model's name, its protocols; the widest one first."""
    unknown: Mapping[str, Mapping[str, int]]
    """By the model's name, how many pictures it is not measured on, by the emotion it lacks."""
    faces_per_second: Mapping[str, float | None]
    priors: Mapping[str, str]
    """By the model's name, what its probabilities expect."""
    comparisons: Sequence[Comparison]


def to_json(measurement: Measurement) -> dict[str, Any]:
    """Return one object with `models` and `differences`, floats rounded to six decimals."""
    models = {}
    for name, protocols in measurement.models.items():
        models[name] = {
            "classes": list(protocols[0].chosen.classes),
            "left_out": dict(measurement.unknown[name]),
            **_describe(protocols[0]),
            "faces_per_second": measurement.faces_per_second[name],
            "prior": measurement.priors[name],
            "protocols": {found.chosen.protocol: _describe(found) for found in protocols},
        }
    differences = [
        {
            "first": one.first,
            "second": one.second,
            "protocol": one.protocol,
            "classes": list(one.classes),
            **flatten(one.differences),
        }
        for one in measurement.comparisons
    ]
    content = {
        "source": measurement.source,
        "left_out": dict(measurement.left_out),
        "models": models,
        "differences": differences,
    }
    return _rounded(content)


def to_text(measurement: Measurement) -> str:
    """Return the figures of all models, then each one by emotion, then what sets them apart."""
    return "\n".join(_lines(measurement)) + "\n"


def _lines(measurement: Measurement) -> Iterator[str]:
    yield measurement.source
    if measurement.left_out:
        yield f"left out: {_listed(measurement.left_out)}"
    for name, counts in measurement.unknown.items():
        if counts:
            yield f"left out, since {name} does not know them: {_listed(counts)}"
    yield ""
    yield from _aligned(_summary(measurement))
    for name, protocols in measurement.models.items():
        for found in protocols:
            yield f"\n{_title(name, found, protocols)}: recall and precision, and what was answered"
            yield from _aligned(_by_emotion(found))
    if measurement.comparisons:
        yield ""
    for one in measurement.comparisons:
        title = f"{_words(one.protocol)}, {len(one.classes)} emotions"
        yield f"{one.first} less {one.second} ({title}):"
        yield f"  {describe_differences(one.differences)}"


def describe_differences(differences: Differences) -> str:
    """Return the differences with their intervals, and on how many pictures one alone is right."""
    return (
        f"accuracy {_signed(differences.accuracy)}, macro F1 {_signed(differences.macro_f1)}, "
        f"{differences.n} pictures; right alone on {differences.only_first} and "
        f"{differences.only_second}"
    )


def _summary(measurement: Measurement) -> Iterator[list[str]]:
    yield ["model", "prior", "pictures", "no face", "accuracy [95 %]", "balanced",
           "macro F1 [95 %]", "ECE", "faces/s"]  # fmt: skip
    for name, protocols in measurement.models.items():
        speed = measurement.faces_per_second[name]
        for found in protocols:
            figures = found.figures
            yield [
                _title(name, found, protocols),
                measurement.priors[name],
                str(figures["n"]),
                str(figures["no_face"]),
                str(Estimate.read(figures, "accuracy")),
                f"{figures['balanced_accuracy']:.4f}",
                str(Estimate.read(figures, "macro_f1")),
                f"{figures['ece']:.4f}",
                f"{speed:.0f}" if speed else "–",
            ]
            for part in ("twins", "without_twins"):
                if part in figures:
                    accuracy = Estimate.read(figures[part], "accuracy")
                    yield [f"  {_words(part)}", "", str(accuracy.n), "", str(accuracy)]


def _by_emotion(found: ProtocolFigures) -> Iterator[list[str]]:
    yield ["emotion", "pictures", "recall [95 %]", "precision [95 %]", "F1",
           *(_SHORT.get(name, name[:4]) for name in found.answers)]  # fmt: skip
    for score, counts in zip(found.by_class, found.matrix, strict=True):
        estimates = [str(one) if one else "–" for one in (score.recall, score.precision)]
        cells = [score.emotion, str(score.n), *estimates, f"{score.f1:.3f}"]
        yield [*cells, *(str(count) for count in counts)]


def _aligned(rows: Iterator[list[str]]) -> Iterator[str]:
    """Make columns of the rows: the first one to the left, the others to the right."""
    cells = list(rows)
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(len(cells[0]))]
    for row in cells:
        padded = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        yield "  ".join(padded).rstrip()


def _title(name: str, found: ProtocolFigures, protocols: Sequence[ProtocolFigures]) -> str:
    return f"{name}, {_words(found.chosen.protocol)}" if len(protocols) > 1 else name


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {_words(reason)}" for reason, count in counts.items())


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.4f} [{estimate.low:+.4f}, {estimate.high:+.4f}]"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _describe(found: ProtocolFigures) -> dict[str, Any]:
    return found.figures | {
        "per_class": [flatten(score) for score in found.by_class],
        "confusion": {
            "true": list(found.chosen.classes),
            "answers": list(found.answers),
            "counts": found.matrix.tolist(),
        },
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, _DECIMALS) if isinstance(value, float) else value
