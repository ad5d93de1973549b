"""Bring one data set's labels to the common names, row by row: `data/clean/<dataset>.csv`."""

from pathlib import Path
from typing import Any, Literal

import pandas as pd

from expressions.datasets import fer2013, iefdb
from expressions.datasets import own as own_data
from expressions.errors import InputError, run
from expressions.labels import emotions, ferplus
from expressions.labels.tables import REJECTED_COLUMNS, SAMPLE_COLUMNS, Labels, check_counts
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import Section, read_section, read_value

_REASONS = {
    "contempt": "contempt",
    ferplus.UNKNOWN: "unknown",
    ferplus.NO_FACE: "not_a_face",
}

Cleaned = tuple[pd.DataFrame, pd.DataFrame]


class CleanFer2013(Section):
    """The `clean` section of a data set in FER-2013's layout."""

    training_labels: Literal["ferplus", "fer2013"]


class CleanIefdb(Section):
    """The `clean` section of a data set in IEFDB's layout."""

    label_column: str


def main(dataset: str) -> None:
    """Write the kept rows of DATASET and, beside them, the rejected ones with their reasons."""
    labels = read_section(Labels, "labels")
    raw = Path("data/raw") / dataset
    layout = read_value(f"ingest.{dataset}.layout")
    if layout == "fer2013":
        section = read_section(CleanFer2013, f"clean.{dataset}")
        pictures = fer2013.picture_table(raw)
        votes = fer2013.read_votes(raw / fer2013.VOTE_TABLES[0])
        prove_rows_belong(votes, pictures)
        kept, rejected = clean_fer2013(votes, labels.classes)
        if section.training_labels == "fer2013":
            kept = with_fer2013_labels(kept, fer2013.read_column(pictures, "emotion"))
    elif layout == "iefdb":
        column = read_section(CleanIefdb, f"clean.{dataset}").label_column
        table = iefdb.read_labels(raw / iefdb.LABEL_TABLES[0], column)
        photographs = iefdb.pictures(raw / iefdb.PICTURE_FOLDER)
        kept, rejected = clean_iefdb(table, column, set(photographs), labels.classes)
    else:
        own: own_data.Folders
        if layout == "folders":
            own = read_section(own_data.Folders, f"clean.{dataset}")
            rows = own_data.rows_of_folders(raw)
        else:
            own = table_section = read_section(own_data.Table, f"clean.{dataset}")
            rows = own_data.rows_of_table(own_data.find_table(raw), table_section)
        kept, rejected = clean_own(
            dataset, rows, set(own_data.find_pictures(raw)), own, labels.classes
        )
    write_csv(Path(f"data/clean/{dataset}.csv"), kept)
    write_csv(Path(f"data/clean/{dataset}.rejected.csv"), rejected)
    print(f"{dataset}: {len(kept)} kept, {len(rejected)} rejected")


def prove_rows_belong(votes: pd.DataFrame, pictures: Path) -> None:
    """Prove that FER+'s rows and the picture table's are the same ones, by their `Usage`.

    Raises:
        InputError: different numbers of rows, or the first row whose `Usage` differs.
    """
    vote_usage = votes["Usage"].tolist()
    picture_usage = fer2013.read_column(pictures, "Usage")
    names = f"{fer2013.VOTE_TABLES[0]} and {pictures.name}"
    advice = "The tables belong together row by row; take both whole and in their original order."
    for row, (first, second) in enumerate(zip(vote_usage, picture_usage, strict=False), start=2):
        if first != second:
            raise InputError(
                f"{names} differ in row {row}: Usage is {first!r} and {second!r}. {advice}"
            )
    if len(vote_usage) != len(picture_usage):
        raise InputError(f"{names} have {len(vote_usage)} and {len(picture_usage)} rows. {advice}")


def clean_fer2013(votes: pd.DataFrame, classes: int) -> Cleaned:
    """Label every row by most votes (ties: first column), over all ten vote columns.

    Rows that are no emotion, or one beyond the first `classes`, are rejected.
    """
    counts = votes[list(ferplus.VOTE_COLUMNS)]
    winner = ferplus.most_votes(counts.to_numpy())
    table = pd.DataFrame(
        {
            "image_id": fer2013.image_ids(range(len(votes))),
            "split": votes["Usage"].map(fer2013.SPLITS),
            "label": [ferplus.VOTE_COLUMNS[column] for column in winner],
        }
    ).join(counts)
    keep = (winner < classes) & (counts.sum(axis=1) > 0)
    rejected = table[~keep]
    reasons = rejected["label"].map(_REASONS).where(counts[~keep].sum(axis=1) > 0, "no_votes")
    rejected = pd.DataFrame({"image_id": rejected["image_id"], "reason": reasons})
    check_counts(len(votes), table[keep], rejected, "FER-2013")
    return table[keep], rejected[REJECTED_COLUMNS]


def with_fer2013_labels(kept: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """The same rows, those of the training split under FER-2013's own label and without votes.

    Validation and test keep FER+'s labels, so that figures compare.
    """
    labels = [fer2013.EMOTION_CODES[int(code)] for code in codes]
    by_id = dict(zip(fer2013.image_ids(range(len(codes))), labels, strict=True))
    training = kept["split"] == "training"
    relabelled = kept.astype(dict.fromkeys(ferplus.VOTE_COLUMNS, "Int64"))
    relabelled.loc[training, "label"] = kept.loc[training, "image_id"].map(by_id)
    relabelled.loc[training, list(ferplus.VOTE_COLUMNS)] = pd.NA
    return relabelled


def clean_iefdb(
    table: pd.DataFrame, label_column: str, photographs: set[str], classes: int
) -> Cleaned:
    """Name every photograph's intended expression; the split is the data set's own, `iefdb`.

    Rows without a photograph and photographs without a row are rejected, as are expressions
    beyond the first `classes`.

    Raises:
        InputError: a spelling that is not known.
    """
    label = emotions.canonical(table[label_column].tolist(), iefdb.LABEL_TABLES[0])
    known = pd.DataFrame({"PicNum": table["PicNum"], "split": "iefdb", "label": label})
    known["reason"] = ""
    known.loc[~known["label"].isin(emotions.classes(classes)), "reason"] = "contempt"
    known.loc[~known["PicNum"].isin(photographs), "reason"] = "no_picture"
    unlabelled = pd.DataFrame({"PicNum": sorted(photographs - set(known["PicNum"]))}, dtype=str)
    every = pd.concat([known, unlabelled.assign(reason="no_label")], ignore_index=True)
    every["image_id"] = every["PicNum"].map(iefdb.image_id)
    every = every.sort_values("image_id")
    kept = every.loc[every["reason"] == "", SAMPLE_COLUMNS]
    rejected = every.loc[every["reason"] != "", REJECTED_COLUMNS]
    check_counts(len(table) + len(unlabelled), kept, rejected, "IEFDB")
    return kept, rejected


def clean_own(
    dataset: str, rows: pd.DataFrame, photographs: set[str], own: own_data.Folders, classes: int
) -> Cleaned:
    """Name the emotion and the split of every row of a data set of one's own.

    Args:
        dataset: its name, with which its ids begin.
        rows: `name`, `label`, `split` and `where`, as `own_data` reads them.
        photographs: the names of the pictures that are there.
        own: spellings and the rule for rows that name no split.
        classes: emotions beyond the first `classes` are rejected.

    Raises:
        InputError: a spelling of a label or of a split that is not known.
    """
    own_data.check_rule(own.split, dataset)
    unlabelled = sorted(photographs - set(rows["name"]))
    every = pd.DataFrame(
        [
            _own_row(row, own_data.image_id(dataset, str(row.name)), own, photographs, classes)
            for row in rows.itertuples(index=False)
        ]
        + [
            {"image_id": own_data.image_id(dataset, name), "reason": "no_label"}
            for name in unlabelled
        ],
        columns=[*SAMPLE_COLUMNS, "reason"],
    ).sort_values("image_id")
    kept = every.loc[every["reason"] == "", SAMPLE_COLUMNS]
    rejected = every.loc[every["reason"] != "", REJECTED_COLUMNS]
    check_counts(len(rows) + len(unlabelled), kept, rejected, dataset)
    return kept, rejected


def _own_row(
    row: Any, image_id: str, own: own_data.Folders, photographs: set[str], classes: int
) -> dict[str, str]:
    label = own_data.label_of(row.label, own.labels, row.where)
    split = own_data.split_of(row.split, image_id, own.split, row.where)
    reason = ""
    if row.name not in photographs:
        reason = "no_picture"
    elif label not in emotions.classes(classes):
        reason = label
    return {"image_id": image_id, "split": split, "label": label, "reason": reason}


if __name__ == "__main__":
    run(main)
