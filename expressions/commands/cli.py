"""The command line: `expressions`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from expressions.errors import InputError
from expressions.labels.prior import Prior
from expressions.pipeline.console import say
from expressions.pipeline.system.door import errors_in_one_line

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

# Paths are not `readable` to Typer: who opens one says why it cannot be, in one line.

ExpectedShares = Annotated[
    Prior | None,
    typer.Option(
        help="How often each emotion is expected: as in the model's training, a little more "
        "evenly, all alike, or as the faces at hand say themselves. Intended: all alike, and the "
        "answer is what was meant to be shown.",
        show_default="estimated from 50 faces on, else tempered",
    ),
]
SmallestFace = Annotated[
    float | None,
    typer.Option(
        min=12,
        metavar="PIXELS",
        help="Look for faces from so many pixels on.",
        show_default="24",
    ),
]


@app.callback()
def expressions() -> None:
    """Facial-expression recognition: from messy labels to a measured, usable model."""


@app.command()
def predict(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Pictures, videos, folders (searched in depth) or quoted patterns."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="A folder like models/export/.",
            show_default="the reference model",
            readable=False,
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Write one JSON object a picture or frame.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write one CSV row a face.")] = False,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write pictures and videos with boxes and bars, and a plot for each video.",
            readable=False,
        ),
    ] = None,
    camera: Annotated[
        int | None, typer.Option(min=0, help="Look at a camera: 0 is the first.")
    ] = None,
    prior: ExpectedShares = None,
    smallest_face: SmallestFace = None,
    faces: Annotated[
        bool, typer.Option("--faces", help="The pictures are faces that are cut out already.")
    ] = False,
    every: Annotated[int, typer.Option(min=1, help="Look at one frame of so many.")] = 1,
    fps: Annotated[
        float | None, typer.Option(min=0.001, help="Look at so many frames a second.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Find faces and say which emotion each shows.

    **Examples**

    `expressions predict holiday/` – every picture and video in a folder

    `expressions predict 'photos/*.jpg' --annotate out/` – and draw what was found

    `expressions predict talk.mp4 --fps 5 --csv > talk.csv` – five frames a second, as CSV

    `expressions predict --camera 0 --json` – a camera, one line a frame, until Ctrl-C
    """
    exclusive = {
        "--json and --csv": json and csv,
        "--fps and --every": fps and every > 1,
        "--faces and --smallest-face": faces and smallest_face is not None,
    }
    for pair, both in exclusive.items():
        if both:
            raise InputError(f"{pair} exclude each other. Take one of them.")
    if prior is Prior.ESTIMATED and camera is not None:
        raise InputError(
            "--prior estimated looks at everything once before, which a camera does not allow. "
            "Take another one."
        )
    if not paths and camera is None:
        raise InputError("There is nothing to look at. Name pictures, or a camera: --camera 0.")
    if json:
        _write_utf8()
    # OpenCV's own words on what it cannot read; ours follow.
    os.environ |= {"OPENCV_LOG_LEVEL": "SILENT", "OPENCV_FFMPEG_LOGLEVEL": "-8"}
    # Here and below: see main.
    from expressions.commands import predict as predicting  # noqa: PLC0415
    from expressions.prediction.predictor import Options  # noqa: PLC0415
    from expressions.prediction.video_file import Choice  # noqa: PLC0415

    form = "json" if json else "csv" if csv else "table"
    recognition = predicting.Recognition(model, prior, smallest_face, faces)
    options = Options(Choice(every, fps), annotate, quiet)
    raise typer.Exit(predicting.run(paths or [], camera, recognition, form, options))


@app.command()
def measure(
    pictures: Annotated[
        Path,
        typer.Argument(
            help="A folder by emotion, a CSV with the columns `file` and `label`, or a folder with "
            "FER-2013 and FER+.",
            readable=False,
        ),
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder like models/export/, a network (.onnx, .tflite, .keras), or a CSV with "
            "a column of pictures and one for each emotion. May be given several times.",
            show_default="the reference model",
            readable=False,
        ),
    ] = None,
    classes: Annotated[
        str,
        typer.Option(help="What a network's outputs are, with commas between: neutral,happiness,…"),
    ] = "",
    value_range: Annotated[
        tuple[float, float],
        typer.Option("--range", help="What black and white are in a network's input."),
    ] = (0, 255),
    bgr: Annotated[
        bool, typer.Option("--bgr", help="A network's three channels are blue, green, red.")
    ] = False,
    prior: ExpectedShares = None,
    split: Annotated[str, typer.Option(help="The part of FER-2013: test or validation.")] = "test",
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with everything, too.", readable=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Say how good models are on labelled pictures, with intervals, and what sets them apart.

    A picture in which no face is found counts as wrong.

    **Examples**

    `expressions measure photos/` – the reference model on photos/happy/…, photos/sad/…

    `expressions measure photos/ --model models/reference --model theirs.csv --html page.html`

    `expressions measure $FER_DATA --model net.onnx --classes neutral,anger,fear --range 0 1`
    """
    os.environ |= {"OPENCV_LOG_LEVEL": "SILENT"}
    if json:
        _write_utf8()
    from expressions.commands import measure as measuring  # noqa: PLC0415 - see main

    measuring.run(
        pictures,
        split,
        model,
        measuring.NetworkOptions(classes, value_range, bgr),
        prior,
        quiet,
        json,
        html,
    )


@app.command(name="app")
def serve(
    model: Annotated[
        Path | None,
        typer.Option(
            help="A folder like models/export/.",
            show_default="the reference model",
            readable=False,
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Whom to answer; 0.0.0.0: everybody on the network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 7860,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name that the page answers to, too; repeatable."),
    ] = None,
    prior: ExpectedShares = None,
    smallest_face: SmallestFace = None,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> None:
    """Open a page in the browser: drop a picture, see its faces and their emotions."""
    from expressions.prediction.page import server  # noqa: PLC0415

    with server.listen(host, port) as listener:
        from expressions.commands.predict import say_if_no_reference  # noqa: PLC0415
        from expressions.prediction.recognizer import Recognizer  # noqa: PLC0415

        asked = Recognizer(model, prior=prior, smallest_face=smallest_face)
        recognizer = asked.one_by_one()
        if model is None:
            say_if_no_reference(recognizer)
        server.serve(recognizer, listener, host, allow_host or [], open_browser)


@app.command()
def use(
    folder: Annotated[
        Path, typer.Argument(help="Holds the files of FER-2013, FER+ and IEFDB.", readable=False)
    ],
) -> None:
    """Make the pipeline read the data in FOLDER in place of the embedded data set.

    Links the files to data/source/files/ and sets `source` and `datasets` in params.yaml.
    """
    from expressions.commands.use import use_files  # noqa: PLC0415

    datasets = use_files(folder)
    say(f"params.yaml: source: files, datasets: [{', '.join(datasets)}]")
    say(
        "It differs from git now, as dvc.lock and metrics/ will after a run. Commit them on a "
        "branch of their own (git switch -c fer2013), or take them back (git restore params.yaml "
        "dvc.lock metrics, then make repro)."
    )


@app.command(name="keep")
def keep_run(
    name: Annotated[str, typer.Argument(help="Such as reference, reference-8, reference-small.")],
) -> None:
    """Copy the finished run in this folder to models/NAME, to be committed to git."""
    from expressions.commands import keep  # noqa: PLC0415

    say(f"{keep.keep(name)} is complete. Commit it to git.")


@app.command(name="export")
def write_exports(
    folder: Annotated[
        Path, typer.Argument(help="A kept model, such as models/reference.", readable=False)
    ],
) -> None:
    """Write model.tflite and model.int8.tflite of a kept model, which do not stand in git.

    The bytes are those of the run that was kept, or nothing is written.
    """
    from expressions.commands.export import export  # noqa: PLC0415 - see main

    for path in export(folder):
        say(f"{path}: {path.stat().st_size:,} bytes, those of the kept run")


@app.command()
def verify() -> None:
    """Read all of DVC's cache and all outputs, and bring to light what a disk damaged.

    A damaged file of the cache is removed, a damaged output left for DVC to see: `dvc repro` makes
    it again, `dvc pull --force` fetches it. Ends with exit code 1 if there was any.
    """
    from expressions.pipeline import integrity  # noqa: PLC0415

    root = Path.cwd()
    if not (root / "dvc.lock").exists():
        raise InputError(f"There is no dvc.lock in {root}. Go to the folder of the repository.")
    outputs = integrity.damaged(root, integrity.locked_outputs(root))
    objects = integrity.remove_damaged(root)
    for damage in objects:
        say(f"removed {damage.path}: its MD5 is {damage.found}")
    for damage in outputs:
        # DVC reads a file again when its time has changed.
        (root / damage.path).touch()
        say(f"{damage.path}: its MD5 is {damage.found}, dvc.lock says {damage.expected}")
    say(f"{len(objects)} damaged in the cache, {len(outputs)} outputs unlike dvc.lock")
    raise typer.Exit(bool(objects or outputs))


def _write_utf8() -> None:
    # JSON has no other encoding, whatever the terminal's is.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def main() -> None:
    """Run the command line; what is wrong with the input ends with one message and exit code 1.

    Commands import what they need themselves: the light install has what `predict` needs alone.
    """
    with errors_in_one_line():
        try:
            app()
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] in ("expressions", "stages"):
                raise
            raise InputError(
                f"the package {error.name} is missing. The page needs `pip install '.[app]'`, all "
                "other commands the whole project: `make setup` in a clone."
            ) from None
