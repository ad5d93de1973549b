"""The command line: `expressions`."""

from pathlib import Path
from typing import Annotated

import typer

from expressions import sources
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


def main() -> None:
    """Run the command line; a mistake in the input ends with one message and exit code 1."""
    try:
        app()
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
