"""Write down of what code and packages each stage consists: `data/code/`."""

from pathlib import Path

from expressions.pipeline import code
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.packages import read_pins
from expressions.pipeline.paths import CODE
from expressions.pipeline.stage import run


def main() -> None:
    """Write the manifest and the links of every other stage."""
    root = Path.cwd()
    pins = read_pins(Path("requirements.txt"))
    stages = sorted(path.stem for path in Path("stages").glob("[a-z]*.py") if path.stem != "code")
    with whole_folder(CODE) as folder:
        for stage in stages:
            manifest = code.manifest_of(stage, pins)
            (folder / f"{stage}.txt").write_text(str(manifest), encoding="utf-8")
            (folder / stage).mkdir()
            code.write_links(folder / stage, manifest, root)
    code.compile_by_content(root)
    print(f"{len(stages)} stages")


if __name__ == "__main__":
    run(main)
