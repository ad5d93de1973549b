"""Faces to arrays that a network reads, with labels and targets: `data/arrays/`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.errors import InputError, run
from expressions.faces.counts import face_counts
from expressions.faces.preprocessing import grey_face, rescale
from expressions.faces.size import SIDE
from expressions.labels import ferplus, splits
from expressions.labels.emotions import classes
from expressions.labels.tables import REJECTED_COLUMNS, Labels, check_counts, read_labels_csv
from expressions.pictures.files import decode
from expressions.pictures.shards import read_shard, shard_paths
from expressions.pipeline.outputs import whole_folder, write_csv, write_json
from expressions.pipeline.parameters import Section, read_section, read_value


class Arrays(Section):
    """The `arrays` section of the parameters."""

    low: float
    high: float
    drop_twins: bool


def main() -> None:
    """Write one array and one table a split, what was left out, the twins, and all counts."""
    section = read_section(Arrays, "arrays")
    labels = read_section(Labels, "labels")
    if section.low >= section.high:
        raise InputError(f"params.yaml: arrays.low ({section.low}) must be below arrays.high.")
    datasets = read_value("datasets")
    samples = read_labels_csv(Path("data/samples.csv"))
    left_out = _left_out_before(datasets)
    faces, has_face = read_faces([Path("data/faces") / d for d in datasets], samples["image_id"])
    reasons = reject(samples, faces, has_face, left_out, labels, section.drop_twins)
    kept = (reasons == "").to_numpy()
    evaluation = (samples["split"] != "training").to_numpy()
    leaked = kept & np.isin(np.arange(len(kept)), _twin_rows(faces, has_face, evaluation))
    rejected = pd.DataFrame({"image_id": samples["image_id"], "reason": reasons})[~kept]
    check_counts(len(samples), samples[kept], rejected, "arrays")
    with whole_folder(Path("data/arrays")) as folder:
        write_csv(folder / "rejected.csv", rejected[REJECTED_COLUMNS])
        write_csv(folder / "twins.csv", samples.loc[leaked, ["image_id", "split"]])
        for split in splits.in_order(samples.loc[kept, "split"]):
            rows = kept & (samples["split"] == split).to_numpy()
            _write_split(folder, split, samples[rows], faces[rows], labels, section)
    counts = count(datasets, samples, rejected)
    write_json(Path("metrics/data.json"), counts)
    print(samples[kept].groupby("split", sort=False).size().to_string())


def read_faces(
    folders: list[Path], image_ids: "pd.Series[str]"
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The faces of `image_ids`, uint8 `[n, 48, 48]`, and where there is one, `[n]`."""
    place = {image_id: index for index, image_id in enumerate(image_ids)}
    faces = np.zeros((len(place), SIDE, SIDE), dtype=np.uint8)
    has_face = np.zeros(len(place), dtype=np.bool_)
    for shard in (path for folder in folders for path in shard_paths(folder)):
        for image_id, png in read_shard(shard):
            index = place.get(image_id)
            if index is None:
                continue
            picture = decode(png)
            if picture is None:
                raise InputError(f"{shard}: {image_id}.png is damaged. Run `crop` again.")
            faces[index], has_face[index] = grey_face(picture), True
    return faces, has_face


def reject(
    samples: pd.DataFrame,
    faces: NDArray[np.uint8],
    has_face: NDArray[np.bool_],
    left_out: dict[str, str],
    labels: Labels,
    drop_twins: bool,
) -> "pd.Series[str]":
    """The reason against each row of `samples`, empty where it is kept.

    Besides what earlier steps `left_out`, training rows go that have the pixels of a validation or
    test row (`twin`) or no target in the chosen mode (`no_target`).
    """
    reasons = pd.Series("", index=samples.index)
    reasons[~has_face] = samples.loc[~has_face, "image_id"].map(left_out).fillna("missing")
    training = (samples["split"] == "training").to_numpy()
    if drop_twins:
        reasons[(reasons == "") & training & twins(faces, training)] = "twin"
    undecided = targets(samples, labels).sum(axis=1) == 0
    reasons[(reasons == "") & training & undecided] = "no_target"
    return reasons


def twins(faces: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True for rows `inside` whose pixels equal those of a row that is not inside; `[n]`."""
    # As bytes in a set: NumPy and pandas drop the zero bytes at the end of a string, which would
    # tell pictures that end in black from their twins.
    pixels = [face.tobytes() for face in faces]
    elsewhere = {pixels[row] for row in np.flatnonzero(~inside)}
    return inside & np.array([picture in elsewhere for picture in pixels], dtype=np.bool_)


def _twin_rows(
    faces: NDArray[np.uint8], has_face: NDArray[np.bool_], evaluation: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The evaluation rows with a face that some training row has, too."""
    rows = np.flatnonzero(has_face)
    return rows[twins(faces[rows], evaluation[rows])]


def targets(samples: pd.DataFrame, labels: Labels) -> NDArray[np.float64]:
    """The target distribution of each row, `[n, classes]`; zero where the mode discards the row.

    Rows without votes have their label for certain.
    """
    names = classes(labels.classes)
    votes = samples[list(ferplus.VOTE_COLUMNS)]
    counted = votes.fillna(0).to_numpy(dtype=np.int64)
    by_votes = ferplus.targets(counted, labels.mode, labels.classes)
    return np.where(votes.isna().all(axis=1).to_numpy()[:, None], one_hot(samples, names), by_votes)


def one_hot(samples: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.float64]:
    """1 in the column of each row's label, `[n, classes]`."""
    return (samples["label"].to_numpy()[:, None] == np.array(names)).astype(np.float64)


def count(
    datasets: list[str], samples: pd.DataFrame, rejected: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """Per data set: rows in, what became of the faces, and per split rows in, kept and rejected."""
    counts: dict[str, dict[str, Any]] = {}
    reasons = rejected.set_index("image_id")["reason"]
    for dataset in datasets:
        cleaned = pd.read_csv(f"data/clean/{dataset}.rejected.csv", dtype=str)
        its = samples[samples["dataset"] == dataset]
        counts[dataset] = {
            "rows": len(its) + len(cleaned),
            "rejected_by_label": cleaned["reason"].value_counts().sort_index().to_dict(),
            "faces": face_counts(pd.read_csv(f"data/faces/{dataset}.csv")),
        }
        for split, rows in its.groupby("split", sort=False):
            gone = rows["image_id"].map(reasons).dropna()
            counts[dataset][str(split)] = {
                "rows": len(rows),
                "kept": len(rows) - len(gone),
                "rejected": gone.value_counts().sort_index().to_dict(),
            }
    return counts


def _left_out_before(datasets: list[str]) -> dict[str, str]:
    """The pictures without a face in `data/faces/`, and the reason an earlier step gave."""
    reasons: dict[str, str] = {}
    for dataset in datasets:
        faces = pd.read_csv(f"data/faces/{dataset}.csv", dtype={"image_id": str})
        gone = faces[faces["action"].isin(["no_face", "unreadable"])]
        reasons |= dict(zip(gone["image_id"], gone["action"], strict=True))
    return reasons


def _write_split(
    folder: Path,
    split: str,
    samples: pd.DataFrame,
    faces: NDArray[np.uint8],
    labels: Labels,
    section: Arrays,
) -> None:
    names = classes(labels.classes)
    distributions = targets(samples, labels)
    # Evaluation needs every labelled row, also those the training mode would discard.
    undecided = distributions.sum(axis=1) == 0
    distributions[undecided] = one_hot(samples[undecided], names)
    table = samples[["image_id", "label", "majority"]].reset_index(drop=True)
    table[list(names)] = distributions.astype(np.float32)
    write_csv(folder / f"{split}.csv", table)
    np.save(folder / f"{split}.npy", rescale(faces, section.low, section.high)[..., None])


if __name__ == "__main__":
    run(main)
