"""Measure the model on every split but training: `metrics/evaluation.json` and its pictures."""

from pathlib import Path
from typing import Any

import pandas as pd

from expressions.datasets.names import read_dataset_names
from expressions.evaluation import breakdowns, protocols
from expressions.evaluation.arrays import pick_faces, read_evaluation_splits
from expressions.evaluation.confident_errors import caption_errors, most_confident_errors
from expressions.evaluation.diagrams import draw_confusion, draw_reliability
from expressions.evaluation.face_grid import draw_face_grid
from expressions.evaluation.intention import fit_intention
from expressions.evaluation.intervals import Bootstrap, Estimate, flatten
from expressions.evaluation.predictions import predict_majority, predict_splits
from expressions.evaluation.protocols import Evaluate, EvaluationSet
from expressions.labels.emotions import classes
from expressions.labels.prior import (
    Prior,
    TrainingShares,
    choose_tempered_power,
    describe_training,
    mean_target,
)
from expressions.labels.split_arrays import read_targets
from expressions.labels.tables import Labels, read_intended, read_labels_csv
from expressions.network import keras_file
from expressions.network.calibration import calibrate, fit_temperature
from expressions.network.exports.card import shares_of_folder
from expressions.pipeline import paths
from expressions.pipeline.inputs import read_csv
from expressions.pipeline.outputs import whole_folder, write_csv, write_json
from expressions.pipeline.parameters import read_section, read_value
from expressions.pipeline.stage import run

_ERRORS_SHOWN = 48


def main() -> None:
    """Write predictions, figures by split and protocol, per-class scores and pictures."""
    section = read_section(Evaluate, "evaluate")
    names = classes(read_section(Labels, "labels").classes)
    bootstrap = Bootstrap(section.resamples, section.seed)
    arrays = read_evaluation_splits()
    samples, twins = read_labels_csv(paths.SAMPLES), read_csv(paths.TWINS, ["image_id"], "str")
    model = keras_file.load(paths.MODEL)
    keras_file.check_classes(model, paths.MODEL, len(names))
    views, labels = predict_majority(model, arrays["validation"], names, section.flip)
    temperature = fit_temperature(views, labels)
    calibrate(model, temperature)
    predictions = predict_splits(model, arrays, names, section.flip)
    write_csv(paths.PREDICTIONS, predictions.drop(columns="row"))
    rows = protocols.add_votes_and_twins(predictions, samples, twins)
    training = _training_shares(rows, names, section.tempered_cost, temperature)
    figures: dict[str, dict[str, Any]] = {split: {} for split in arrays}
    scores = []
    with whole_folder(paths.EVALUATION) as folder:
        write_json(folder / paths.CALIBRATION.name, {"temperature": temperature})
        write_json(folder / paths.PRIOR.name, describe_training(training))
        for split in arrays:
            its_rows = rows[rows["split"] == split]
            for chosen in protocols.evaluation_sets(its_rows, names):
                figures[split][chosen.protocol] = protocols.measure(chosen, bootstrap, training)
                by_class = breakdowns.by_class(chosen.matrix, chosen.classes, bootstrap)
                place = {"split": split, "protocol": chosen.protocol}
                scores += [place | flatten(score) for score in by_class]
                _write_breakdowns(folder / f"{split}.{chosen.protocol}", chosen, bootstrap)
            errors = most_confident_errors(its_rows, names, _ERRORS_SHOWN)
            faces, title = pick_faces(errors, arrays), f"{split}: most confident errors"
            draw_face_grid(folder / f"{split}.errors.png", faces, caption_errors(errors), title)
    write_json(paths.EVALUATION_METRICS, figures)
    write_csv(paths.PER_CLASS_METRICS, pd.DataFrame(scores).round(6))
    _print(figures)


def _training_shares(
    rows: pd.DataFrame, names: tuple[str, ...], cost: float, temperature: float
) -> TrainingShares | None:
    """What the model was trained with, and what validation says of the priors beside that."""
    epochs, start_from = read_value("train.epochs"), read_value("train.start_from")
    shares = shares_of_folder(paths.MODELS / start_from, names) if epochs == 0 else None
    targets = read_targets("training", names)
    if shares is None and targets is not None:
        shares = mean_target(targets)
    if shares is None:
        return None
    validation = rows[rows["split"] == "validation"]
    chosen = protocols.select("majority", validation[validation["majority"]], names)
    training = TrainingShares(names, shares, 0.0, temperature)
    power = choose_tempered_power(chosen.probabilities, chosen.labels, training, cost)
    intention = fit_intention(validation, read_intended(read_dataset_names()), names)
    return training._replace(tempered_power=power, intention=intention)


def _write_breakdowns(start: Path, chosen: EvaluationSet, bootstrap: Bootstrap) -> None:
    matrix, names = chosen.matrix, chosen.classes
    title = start.name.replace(".", ", ").replace("_", " ")
    draw_confusion(Path(f"{start}.confusion.png"), matrix, names, False, title)
    draw_confusion(Path(f"{start}.confusion_normalised.png"), matrix, names, True, title)
    draw_reliability(Path(f"{start}.reliability.png"), chosen.reliability, title)
    write_csv(Path(f"{start}.confusion.csv"), protocols.tabulate_answers(chosen))
    mistakes = breakdowns.by_pair(matrix, names)
    columns = breakdowns.Mistake._fields
    write_csv(Path(f"{start}.pairs.csv"), pd.DataFrame(mistakes, columns=columns))
    if chosen.all_have_votes:
        bins = breakdowns.by_agreement(chosen.correct, chosen.votes, bootstrap)
        write_csv(Path(f"{start}.agreement.csv"), pd.DataFrame(map(flatten, bins)))


def _print(figures: dict[str, dict[str, Any]]) -> None:
    for split, its_protocols in figures.items():
        for protocol, its in its_protocols.items():
            accuracy, f1 = (Estimate.read(its, name) for name in ("accuracy", "macro_f1"))
            print(f"{split}.{protocol}: accuracy {accuracy}, macro F1 {f1}, n {its['n']}")
            for prior in (str(prior) for prior in Prior if str(prior) in its):
                accuracy, f1 = (
                    Estimate.read(its[prior], name) for name in ("accuracy", "macro_f1")
                )
                print(f"  with prior: {prior}: accuracy {accuracy}, macro F1 {f1}")


if __name__ == "__main__":
    run(main)
