"""One file for each imported package that can change a result: `data/versions/<import>.txt`.

A stage depends on the files of the packages it imports, so a new version of one runs again what it
can change, and nothing else.
"""

from pathlib import Path

from expressions.errors import run
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.versions import DECISIVE, pinned_and_installed, pins


def main() -> None:
    """Write the pinned versions, after checking that they are the installed ones."""
    pinned = pins(Path("requirements.txt"))
    with whole_folder(Path("data/versions")) as folder:
        for name, packages in DECISIVE.items():
            versions = pinned_and_installed(packages, pinned)
            lines = [f"{package}=={version}\n" for package, version in versions.items()]
            (folder / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
    print(f"{len(DECISIVE)} packages that can change a result")


if __name__ == "__main__":
    run(main)
