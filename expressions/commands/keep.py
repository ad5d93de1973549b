"""Keeping a finished run in git: its exports, its model, what it was made of, and a model card."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from expressions.errors import InputError
from expressions.evaluation.intervals import Estimate
from expressions.pipeline.outputs import read_json, whole_folder

RUN = ("params.yaml", "dvc.lock")
CODE = ("dvc.yaml", "stages", "expressions", "requirements.txt")
METRICS = ("data.json", "evaluation.json", "per_class.csv")
MOST_BYTES = 8 * 2**20

_CARD = """# {name}

`{network}` for {classes} emotions on grey faces of 48×48 pixels,
trained on {trained_on}.

The hyper-parameters stand in `params.yaml`, the hashes of everything that went in and came out in
`dvc.lock`: with these parameters, `dvc repro` at the commit below makes the same model again.

    {commit}

`model.onnx` and `model.tflite` take float32 `[n, 48, 48, 1]`, grey 0 to 255, and give float32
`[n, {count}]`, the probabilities of {listed}.
{int8}`model.keras` is what they were made from, before calibration; `train.start_from` and
`train.teacher` take it.

| split | protocol | pictures | accuracy [95 %] | balanced | macro F1 [95 %] | ECE | one voter |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

{flip} `most_votes` counts
every labelled picture, `majority` those on which FER+'s official rule finds one; `_7` leaves
contempt out.
ECE is the expected calibration error. *One voter* is how often one of FER+'s ten voters says what
the other nine say.

## Limits

The pictures come from a web search for emotion words, mostly of posed or shown expressions, judged
by ten people each. The model says what such voters would say of a face, not what its owner feels.
Who is on the pictures was never recorded, so accuracy by age, sex or skin colour is not known. Rare
emotions (disgust, fear, contempt) have few pictures and are found less surely: see
`metrics/per_class.csv`. Do not use it to judge people.
"""

_FLIPPED = "Probabilities are the mean over a face and its mirror image."
_PLAIN = "Probabilities are those of the face as it is."


def keep(name: str) -> Path:
    """Copy the run that stands in the working tree to `models/<name>/`; give that folder.

    Raises:
        InputError: a part of the run is missing, it is too large for git, or the code is not that
            of a commit.
    """
    commit = _commit()
    exports, metrics = Path("models/export"), Path("metrics")
    files = {path.name: path for path in sorted(exports.glob("model.*"))}
    files |= {"model.keras": Path("models/model.keras")} | {path: Path(path) for path in RUN}
    files |= {f"metrics/{path}": metrics / path for path in METRICS}
    missing = [str(path) for path in files.values() if not path.exists()]
    if missing or "model.json" not in files:
        raise InputError(
            f"{missing[0] if missing else exports / 'model.json'} is missing. Run `dvc repro`."
        )
    total = sum(path.stat().st_size for path in files.values())
    if total > MOST_BYTES:
        raise InputError(
            f"The run has {total / 2**20:.1f} MiB, more than the {MOST_BYTES / 2**20:.0f} MiB that "
            "fit into git. Train a smaller network, or set export.int8 to false."
        )
    with whole_folder(Path("models") / name) as folder:
        (folder / "metrics").mkdir()
        for target, path in files.items():
            shutil.copyfile(path, folder / target)
        described = card(name, read_json(files["model.json"]), commit)
        (folder / "README.md").write_text(described, "utf-8")
    return Path("models") / name


def _commit() -> str:
    """The commit whose code stands in the working tree."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *CODE)
    if changed:
        raise InputError(
            f"{changed.split()[-1]} is not as in the last commit, so nobody could repeat the run. "
            "Commit the code, run `dvc repro`, and keep the run then."
        )
    return _git("rev-parse", "HEAD")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return done.stdout.strip()


def card(name: str, model: dict[str, Any], commit: str) -> str:
    """The model card of the run at `commit` that `model.json` describes, as Markdown."""
    rows = [
        _row(split, protocol, figures)
        for split, protocols in model["metrics"].items()
        for protocol, figures in protocols.items()
    ]
    int8 = "`model.int8.tflite` is the same with int8 inside.\n"
    return _CARD.format(
        name=name,
        network=model["name"],
        commit=commit,
        classes=len(model["classes"]),
        count=len(model["classes"]),
        listed=", ".join(model["classes"]),
        trained_on=model["trained_on"],
        int8=int8 if "model.int8.tflite" in model["bytes"] else "",
        flip=_FLIPPED if model["flip"] else _PLAIN,
        rows="\n".join(rows),
    )


def _row(split: str, protocol: str, figures: dict[str, Any]) -> str:
    voter = f"{figures['human_accuracy']:.4f}" if "human_accuracy" in figures else "–"
    cells = [
        split,
        protocol,
        f"{figures['n']:,}",
        str(Estimate.read(figures, "accuracy")),
        f"{figures['balanced_accuracy']:.4f}",
        str(Estimate.read(figures, "macro_f1")),
        f"{figures['ece']:.4f}",
        voter,
    ]
    return f"| {' | '.join(cells)} |"
