"""One page on the whole run, from what went in to what came out: `models/history/report.html`."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import Field

from expressions.datasets.known_files import EDITIONS
from expressions.errors import run
from expressions.evaluation.intervals import accuracy
from expressions.labels.emotions import EMOTIONS, classes
from expressions.labels.tables import Labels, read_labels_csv
from expressions.pipeline.hashes import sha256
from expressions.pipeline.outputs import read_json, whole_file
from expressions.pipeline.parameters import Section, read_section, read_value
from expressions.report import page as report_page
from expressions.report import samples as step_samples

DATA, EVALUATION, HISTORY = Path("data"), Path("models/evaluation"), Path("models/history")
PAGE = HISTORY / "report.html"

SECTIONS = (
    "source",
    "datasets",
    "labels",
    "ingest",
    "clean",
    "join",
    "render",
    "crop",
    "arrays",
    "train",
    "evaluate",
    "export",
    "audit",
    "report",
)
"""All of `params.yaml`, in the order of the page."""

OUTPUTS = (
    "data/samples.csv",
    "data/arrays",
    "data/predictions.csv",
    "models/model.keras",
    "models/export/model.onnx",
    "models/export/model.tflite",
    "metrics/data.json",
    "metrics/evaluation.json",
)

_HEIGHT = 150


class Report(Section):
    """The `report` section of the parameters."""

    mistakes: int = Field(ge=0)


class Matrix(NamedTuple):
    """A confusion matrix to be shown: rows are true classes."""

    classes: list[str]
    counts: list[list[int]]
    shares: list[list[float]]
    """Of each row."""


def main() -> None:
    """Write the page."""
    section = read_section(Report, "report")
    datasets = read_value("datasets")
    names = classes(read_section(Labels, "labels").classes)
    evaluation = read_json(Path("metrics/evaluation.json"))
    page = report_page.render(
        {
            "card": read_json(Path("models/export/model.json")),
            "counts": read_json(Path("metrics/data.json")),
            "samples": {name: _samples(name) for name in datasets},
            "rejected": [sample for name in datasets for sample in _rejected(name)],
            "curves": report_page.embedded(HISTORY / "curves.png"),
            "architecture": report_page.embedded(HISTORY / "architecture.png"),
            "epochs": _epochs(),
            "evaluation": evaluation,
            "splits": [
                _split(split, its, names, section.mistakes) for split, its in evaluation.items()
            ],
            "parameters": list(
                report_page.flattened({name: read_value(name) for name in SECTIONS})
            ),
            "inputs": [entry for name in datasets for entry in _inputs(name)],
            "outputs": [(path, sha256(Path(path))) for path in OUTPUTS],
        }
    )
    with whole_file(PAGE) as partial:
        partial.write_text(page, encoding="utf-8")
    print(f"{PAGE}: {len(page) / 1e6:.1f} MB")


def confusion(pairs: pd.DataFrame, names: tuple[str, ...]) -> Matrix:
    """The matrix of `pairs`, which has the columns `actual` and `predicted`."""
    table = pd.crosstab(pairs["actual"], pairs["predicted"])
    table = table.reindex(index=list(names), columns=list(names), fill_value=0)
    shares = table.div(table.sum(axis=1).clip(lower=1), axis=0)
    return Matrix(list(names), table.to_numpy().tolist(), shares.to_numpy().tolist())


def scores(
    pairs: pd.DataFrame, names: tuple[str, ...], resamples: int, seed: int
) -> list[dict[str, Any]]:
    """Per class: pictures, precision and recall, each with its 95 % interval, and F1."""
    correct = (pairs["actual"] == pairs["predicted"]).to_numpy()
    rows = []
    for name in names:
        row: dict[str, Any] = {"emotion": name, "n": int((pairs["actual"] == name).sum())}
        for figure, column in (("precision", "predicted"), ("recall", "actual")):
            chosen = correct[(pairs[column] == name).to_numpy()]
            row[figure] = accuracy(chosen, resamples, seed) if len(chosen) else None
        precision, recall = (
            row[figure]["accuracy"] if row[figure] else 0.0 for figure in ("precision", "recall")
        )
        total = precision + recall
        row["f1"] = 2 * precision * recall / total if total else 0.0
        rows.append(row)
    return rows


def _split(
    split: str, protocols: dict[str, Any], names: tuple[str, ...], mistakes: int
) -> dict[str, Any]:
    """What the page shows of one split, by its strictest protocol."""
    protocol = "majority" if "majority" in protocols else next(iter(protocols))
    start = EVALUATION / f"{split}.{protocol}"
    pairs = pd.read_csv(f"{start}.confusion.csv")
    agreement = Path(f"{start}.agreement.csv")
    return {
        "name": split,
        "protocol": protocol,
        "figures": protocols[protocol],
        "confusion": confusion(pairs, names),
        "scores": scores(pairs, names, *_bootstrap()),
        "pairs": pd.read_csv(f"{start}.pairs.csv").head(mistakes).to_dict("records"),
        "agreement": pd.read_csv(agreement).to_dict("records") if agreement.exists() else [],
        "reliability": report_page.embedded(Path(f"{start}.reliability.png")),
        "errors": report_page.embedded(EVALUATION / f"{split}.errors.png"),
    }


def _bootstrap() -> tuple[int, int]:
    """The resamples and the seed that the other intervals have."""
    return read_value("evaluate.resamples"), read_value("evaluate.seed")


def _samples(dataset: str) -> list[dict[str, Any]]:
    """The first kept picture of each emotion."""
    rows = read_labels_csv(DATA / "samples.csv")
    rejected = pd.read_csv(DATA / "arrays/rejected.csv", dtype=str)
    rows = rows[(rows["dataset"] == dataset) & ~rows["image_id"].isin(rejected["image_id"])]
    found = step_samples.one_of_each(rows, "label")
    order = sorted(found.items(), key=lambda item: EMOTIONS.index(item[1]))
    return _shown(dataset, dict(order))


def _rejected(dataset: str) -> list[dict[str, Any]]:
    """The first picture that was rejected for each reason."""
    steps = (DATA / f"clean/{dataset}.rejected.csv", DATA / "arrays/rejected.csv")
    rows = pd.concat([pd.read_csv(path, dtype=str) for path in steps])
    rows = rows[rows["image_id"].str.startswith(f"{dataset}-")]
    return _shown(dataset, step_samples.one_of_each(rows, "reason"))


def _shown(dataset: str, labels: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "image_id": sample.image_id,
            "label": sample.label,
            "steps": [
                report_page.embedded_picture(step_samples.thumbnail(picture, _HEIGHT))
                for picture in (sample.rendered, sample.face, sample.array)
                if picture is not None
            ],
        }
        for sample in step_samples.samples(DATA, dataset, labels)
    ]


def _epochs() -> dict[str, Any] | None:
    """What the history says in short; None of a model that was taken as it is."""
    history = pd.read_csv(HISTORY / "history.csv")
    if history.empty:
        return None
    best = int(history["val_accuracy"].argmax())
    return {
        "count": len(history),
        "best": int(history["epoch"].iloc[best]),
        "best_accuracy": float(history["val_accuracy"].iloc[best]),
        "last_accuracy": float(history["val_accuracy"].iloc[-1]),
    }


def _inputs(dataset: str) -> list[tuple[str, str, str]]:
    """Each file or folder of the raw data, its hash, and which edition it is if that is known."""
    return [
        (path.as_posix(), digest, EDITIONS.get(digest, ""))
        for path in sorted((DATA / "raw" / dataset).iterdir())
        if not path.name.startswith(".")
        for digest in [sha256(path)]
    ]


if __name__ == "__main__":
    run(main)
