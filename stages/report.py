"""One page on the whole run, from what went in to what came out: `models/history/report.html`."""

from typing import Any

from expressions.datasets.sources.known_files import EDITIONS
from expressions.evaluation.confusion import confusion_matrix, row_shares
from expressions.labels.emotions import EMOTIONS, classes
from expressions.labels.tables import Labels, class_numbers, read_labels_csv, read_rejected
from expressions.pipeline import paths
from expressions.pipeline.inputs import read_csv
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import read_section, read_value
from expressions.pipeline.stage import run
from expressions.report.embedding import embed_file
from expressions.report.page import SECTIONS, flatten_parameters, render
from expressions.report.samples import choose_kept, choose_rejected, read_samples
from expressions.report.splits import Confusion, Split, read_split, strictest_protocol
from expressions.report.summaries import (
    OUTPUTS,
    Report,
    find_raw_files,
    hash_files,
    summarize_training,
)
from expressions.report.written import read_card, read_counts, read_evaluation


def main() -> None:
    """Write the page."""
    section = read_section(Report, "report")
    names = classes(read_section(Labels, "labels").classes)
    datasets = read_value("datasets")
    evaluation = read_evaluation()
    samples = read_labels_csv(paths.SAMPLES)
    left_out = read_rejected(paths.REJECTED_BY_ARRAYS)
    content: dict[str, Any] = {"samples": {}, "rejected": [], "inputs": []}
    for name in datasets:
        kept = choose_kept(samples[samples["dataset"] == name], left_out, EMOTIONS)
        unlabelled = read_rejected(paths.rejected_by_clean(name))
        rejected = choose_rejected([unlabelled, left_out], name)
        content["samples"][name] = list(read_samples(name, kept))
        content["rejected"] += read_samples(name, rejected)
        content["inputs"] += hash_files(find_raw_files(paths.RAW / name), EDITIONS)
    content |= {
        "card": read_card(),
        "counts": read_counts(),
        "curves": embed_file(paths.HISTORY / "curves.png"),
        "architecture": embed_file(paths.HISTORY / "architecture.png"),
        "training": summarize_training(
            read_csv(paths.HISTORY / "history.csv", ("epoch", "val_accuracy"))
        ),
        "evaluation": evaluation,
        "splits": [
            _split(split, its, names, section.mistakes) for split, its in evaluation.items()
        ],
        "parameters": list(flatten_parameters({name: read_value(name) for name in SECTIONS})),
        "outputs": hash_files(OUTPUTS),
    }
    page = render(content)
    with whole_file(paths.REPORT) as partial:
        partial.write_text(page, encoding="utf-8")
    print(f"{paths.REPORT}: {len(page) / 1e6:.1f} MB")


def _split(split: str, figures: dict[str, Any], names: tuple[str, ...], mistakes: int) -> Split:
    protocol = strictest_protocol(figures)
    columns = ("actual", "predicted")
    answers = read_csv(paths.EVALUATION / f"{split}.{protocol}.confusion.csv", columns, "str")
    actual, predicted = (class_numbers(answers[column], names) for column in columns)
    matrix = confusion_matrix(actual, predicted, (len(names), len(names)))
    confusion = Confusion(names, matrix.tolist(), row_shares(matrix).tolist(), names)
    return read_split(split, protocol, figures[protocol], confusion, mistakes)


if __name__ == "__main__":
    run(main)
