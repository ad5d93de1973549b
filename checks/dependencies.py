"""The dependencies of every stage that follow from its imports; run it to write them to dvc.yaml.

A stage depends on each module of this project that its file imports, directly or through others,
and on `data/versions/<import>.txt` of each installed package among them that can change a result.
What a stage reads besides is declared by hand.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

import grimp
import yaml

from expressions.pipeline.versions import DECISIVE, HARMLESS

ROOT = Path(__file__).parent.parent
DERIVED = ("expressions/", "stages/", "data/versions/")

_PACKAGES = ("expressions", "stages")


def dependencies_by_import(stages: Iterable[str]) -> dict[str, list[str]]:
    """By stage, sorted: the derived dependencies, as `dvc.yaml` has to name them.

    Raises:
        LookupError: an imported package of which nobody has said whether it can change a result.
    """
    graph = grimp.build_graph(
        *_PACKAGES,
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )
    derived = {}
    for stage in stages:
        # The package runs before the stage; that of `expressions` imports nothing by itself.
        started = {"stages", f"stages.{stage}"}
        modules = started.union(*map(graph.find_upstream_modules, started))
        ours = {name for name in modules if name.split(".")[0] in _PACKAGES}
        # A module's packages run before it.
        ours |= {name.rpartition(".")[0] for name in ours if "." in name}
        versions = [] if stage == "versions" else _versions(modules - ours)
        derived[stage] = sorted({*map(_file, ours), *versions})
    return derived


def rewrite(text: str) -> str:
    """`dvc.yaml` with the derived dependencies of every stage in place of those it names."""
    for stage, derived in dependencies_by_import(yaml.safe_load(text)["stages"]).items():
        start = text.index(f"\n  {stage}:\n")
        first = text.index("    deps:\n", start) + len("    deps:\n")
        last = re.compile(r"^ {4}\w", re.MULTILINE).search(text, first)
        if last is None:
            raise ValueError(f"dvc.yaml: nothing follows the deps of {stage}")
        lines = text[first : last.start()].splitlines()
        kept = [line for line in lines if not line.strip().removeprefix("- ").startswith(DERIVED)]
        listed = "".join(f"{line}\n" for line in [*kept, *(f"      - {path}" for path in derived)])
        text = text[:first] + listed + text[last.start() :]
    return text


def _file(module: str) -> str:
    path = Path(*module.split("."))
    package = path / "__init__.py"
    return (package if (ROOT / package).exists() else path.with_suffix(".py")).as_posix()


def _versions(modules: Iterable[str]) -> list[str]:
    packages = {name.split(".")[0] for name in modules} - set(sys.stdlib_module_names)
    unknown = packages - set(DECISIVE) - set(HARMLESS)
    if unknown:
        raise LookupError(
            f"{min(unknown)} is imported: add it to DECISIVE in expressions/pipeline/versions.py "
            "if a version of it can change the bytes of an output, to HARMLESS if none can."
        )
    return [f"data/versions/{package}.txt" for package in packages & set(DECISIVE)]


if __name__ == "__main__":
    declaration = ROOT / "dvc.yaml"
    declaration.write_text(rewrite(declaration.read_text(encoding="utf-8")), encoding="utf-8")
