"""The command line: `expressions`."""

from pathlib import Path
from typing import Annotated

import typer

from expressions import intact, sources
from expressions.errors import InputError

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)


@app.callback()
def expressions() -> None:
    """Facial-expression recognition: from messy labels to a measured, usable model."""


@app.command()
def use(
    folder: Annotated[Path, typer.Argument(help="Holds the files of FER-2013, FER+ and IEFDB.")],
) -> None:
    """Make the pipeline read the data in FOLDER in place of the embedded data set.

    Links the files to data/source/files/ and sets `source` and `datasets` in params.yaml.
    """
    datasets = sources.use(folder)
    typer.echo(f"params.yaml: source: files, datasets: [{', '.join(datasets)}]")


@app.command()
def keep(
    name: Annotated[str, typer.Argument(help="Such as reference, reference-8, reference-small.")],
) -> None:
    """Copy the finished run in this folder to models/NAME, to be committed to git."""
    from expressions import keeping  # noqa: PLC0415 - not every command needs it

    typer.echo(f"{keeping.keep(name)} is complete. Commit it to git.")


@app.command()
def verify() -> None:
    """Read all of DVC's cache and all outputs, and bring to light what a disk damaged.

    A damaged file of the cache is removed, a damaged output left for DVC to see: `dvc repro` makes
    it again, `dvc pull --force` fetches it. Ends with exit code 1 if there was any.
    """
    root = Path.cwd()
    if not (root / "dvc.lock").exists():
        raise InputError(f"There is no dvc.lock in {root}. Go to the folder of the repository.")
    outputs = intact.damaged(root, intact.locked_outputs(root))
    objects = intact.remove_damaged(root)
    for damage in objects:
        typer.echo(f"removed {damage.path}: its MD5 is {damage.found}")
    for damage in outputs:
        # DVC reads a file again when its time has changed.
        (root / damage.path).touch()
        typer.echo(f"{damage.path}: its MD5 is {damage.found}, dvc.lock says {damage.expected}")
    typer.echo(f"{len(objects)} damaged in the cache, {len(outputs)} outputs unlike dvc.lock")
    raise typer.Exit(bool(objects or outputs))


def main() -> None:
    """Run the command line; a mistake in the input ends with one message and exit code 1."""
    try:
        app()
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
