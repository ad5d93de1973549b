"""Keeping a finished run in git: its exports, its model, what it was made of, and a model card."""

import re
import shutil
from pathlib import Path
from typing import Any

from expressions.errors import InputError
from expressions.evaluation.intervals import Estimate
from expressions.labels.prior import BESIDE_TRAINING
from expressions.pipeline.inputs import read_json
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.paths import (
    CARD,
    CHECKPOINTS,
    EVALUATION,
    EXPORT,
    HISTORY,
    INT8_ONNX,
    INT8_TFLITE,
    MODEL,
    MODEL_NAME,
    MODELS,
)
from expressions.pipeline.system.programs import output_of

RUN = ("params.yaml", "dvc.lock")
CODE = ("dvc.yaml", "stages", "expressions", "requirements.txt")
METRICS = ("data.json", "evaluation.json", "per_class.csv")
MOST_BYTES = 8 * 2**20

# The repository's `.dvcignore` tells DVC, since a training that starts from the folder must not
# depend on whether they were written; in the folder itself DVC allows no such file.
_WRITTEN_AGAIN = ".tflite"
_IGNORE = ".gitignore"
# `none` stands for no model in the parameters, the others are what the pipeline writes.
_RESERVED = {"none", *(path.name for path in (HISTORY, CHECKPOINTS, EVALUATION, EXPORT))}

_CARD = """# {name}

`{network}` for {classes} emotions on grey faces of 48×48 pixels,
trained on {trained_on}.

The hyper-parameters stand in `params.yaml`, the hashes of everything that went in and came out in
`dvc.lock`: with these parameters, `dvc repro` at the commit below makes the same model again.

    {commit}

`model.onnx` takes float32 `[n, 48, 48, 1]`, grey 0 to 255, and gives float32 `[n, {count}]`, the
probabilities of {listed}.{faster}
`model.keras` is what it was made from, before calibration; `train.start_from` and `train.teacher`
take it, and so do Keras 3.10 to 3.15 and TensorFlow 2.19 to 2.21, which were tried.

{tflite}

    expressions export models/{name}

| split | protocol | n | accuracy [95 %] | balanced | macro F1 [95 %] | ECE | voter | {priors} |
| --- | --- | --- | --- | --- | --- | --- | --- |{rules}
{rows}

{flip} `most_votes` counts
every labelled picture, `majority` those on which FER+'s official rule finds one; `_7` leaves
contempt out.
ECE is the expected calibration error. *Voter* is how often one of FER+'s ten voters says what the
other nine say. *Tempered*, *even*, *estimated* and *intended* are accuracies with these
priors, all else is with `training`; the shares of the training stand in `model.json`. *Intended*
says what a face was meant to show, which is not what voters see, and so is right here less often.

## Limits

The pictures come from a web search for emotion words, mostly of posed or shown expressions, judged
by ten people each. The model says what such voters would say of a face, not what its owner feels.
Who is on the pictures was never recorded, so accuracy by age, sex or skin colour is not known. Rare
emotions (disgust, fear, contempt) have few pictures and are found less surely: see
`metrics/per_class.csv`. Do not use it to judge people.
"""

_FASTER = """
`model.int8.onnx` is the same with int8 inside; it takes a third of the time, and
`expressions predict` uses it."""

_TFLITE = """The same for TensorFlow Lite, `model.tflite`, does not stand in git; this writes it
here, byte for byte:"""
_INT8 = """The same for TensorFlow Lite, `model.tflite`, and with int8 inside,
`model.int8.tflite`, do not stand in git; this writes them here, byte for byte:"""

_FLIPPED = "Probabilities are the mean over a face and its mirror image."
_PLAIN = "Probabilities are those of the face as it is."


def keep(name: str) -> Path:
    """Copy the run that stands in the working tree to `models/<name>/`; give that folder.

    What `expressions export` can write again is copied too, but git and DVC ignore it there.

    Args:
        name: letters, digits, `-` and `_`. A run that was kept under it before is replaced.

    Raises:
        InputError: the name is no such name or is taken, a part of the run is missing, it is too
            large for git, or the code is not that of a commit.
    """
    kept = _folder(name)
    commit = _commit()
    files = _files_of_run()
    in_git = [path for target, path in files.items() if not target.endswith(_WRITTEN_AGAIN)]
    total = sum(path.stat().st_size for path in in_git)
    if total > MOST_BYTES:
        raise InputError(
            f"The run has {total / 2**20:.1f} MiB, more than the {MOST_BYTES / 2**20:.0f} MiB that "
            "fit into git. Train a smaller network."
        )
    with whole_folder(kept) as folder:
        for target, path in files.items():
            (folder / target).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, folder / target)
        (folder / _IGNORE).write_text(f"/*{_WRITTEN_AGAIN}\n", "utf-8")
        described = card(name, read_json(files[CARD]), commit)
        (folder / "README.md").write_text(described, "utf-8")
    return kept


def _files_of_run() -> dict[str, Path]:
    """The files of the run in the working tree, by their names in the folder to keep them in."""
    exports = [*sorted(EXPORT.glob("model.*")), *sorted(EXPORT.glob("*.csv"))]
    files = {path.name: path for path in exports}
    files |= {CARD: EXPORT / CARD, "model.keras": MODEL}
    files |= {name: Path(name) for name in RUN}
    files |= {f"metrics/{name}": Path("metrics") / name for name in METRICS}
    for path in files.values():
        if not path.exists():
            raise InputError(f"{path} is missing. Run `dvc repro`.")
    return files


def _folder(name: str) -> Path:
    """`models/<name>`, if a run may be kept there."""
    if not re.fullmatch(MODEL_NAME, name):
        raise InputError(
            f"{name!r} is no name for a model: take letters, digits, - and _, such as reference-8."
        )
    folder = MODELS / name
    if name.casefold() in _RESERVED:
        raise InputError(f"{folder} has a meaning of its own. Take another name.")
    if not folder.exists() and not folder.is_symlink():
        return folder
    if folder.is_symlink() or not folder.is_dir():
        raise InputError(f"{folder} is no folder. Take another name, or remove it.")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    strange = sorted(name for name in found if not _is_kept(name))
    if strange or not found.issuperset(RUN):
        inside = f"it holds {strange[0]}" if strange else f"it holds no {RUN[-1]}"
        raise InputError(
            f"{folder} was not made by `expressions keep`: {inside}. Take another name, or remove "
            "it."
        )
    return folder


def _is_kept(name: str) -> bool:
    """Whether `keep` writes a file of this name."""
    own = {*RUN, *(f"metrics/{file}" for file in METRICS), "README.md", _IGNORE}
    return name in own or bool(re.fullmatch(r"model\.[^/]+|[^/]+\.csv", name))


def _commit() -> str:
    """The commit whose code stands in the working tree."""
    here = Path.cwd()
    changed = output_of("git", "status", "--porcelain", "-uno", "--", *CODE, folder=here)
    if changed:
        raise InputError(
            f"{changed.split()[-1]} is not as in the last commit, so nobody could repeat the run. "
            "Commit the code, run `dvc repro`, and keep the run then."
        )
    return output_of("git", "rev-parse", "HEAD", folder=here).strip()


def card(name: str, model: dict[str, Any], commit: str) -> str:
    """The model card of the run at `commit` that `model.json` describes, as Markdown."""
    rows = [
        _row(split, protocol, figures)
        for split, protocols in model["metrics"].items()
        for protocol, figures in protocols.items()
    ]
    return _CARD.format(
        name=name,
        network=model["name"],
        commit=commit,
        classes=len(model["classes"]),
        count=len(model["classes"]),
        listed=", ".join(model["classes"]),
        trained_on=model["trained_on"],
        faster=_FASTER if INT8_ONNX in model["bytes"] else "",
        tflite=_INT8 if INT8_TFLITE in model["bytes"] else _TFLITE,
        flip=_FLIPPED if model["flip"] else _PLAIN,
        priors=" | ".join(BESIDE_TRAINING),
        rules=" --- |" * len(BESIDE_TRAINING),
        rows="\n".join(rows),
    )


def _row(split: str, protocol: str, figures: dict[str, Any]) -> str:
    voter = f"{figures['human_accuracy']:.4f}" if "human_accuracy" in figures else "–"
    priors = [
        f"{figures[prior]['accuracy']:.4f}" if prior in figures else "–"
        for prior in BESIDE_TRAINING
    ]
    cells = [
        split,
        protocol,
        f"{figures['n']:,}",
        str(Estimate.read(figures, "accuracy")),
        f"{figures['balanced_accuracy']:.4f}",
        str(Estimate.read(figures, "macro_f1")),
        f"{figures['ece']:.4f}",
        voter,
        *priors,
    ]
    return f"| {' | '.join(cells)} |"
