"""Which code decides what a stage writes: the modules it imports and the packages they stand on.

The stage `code` writes that down for every other stage: `data/code/<stage>.txt`, its manifest, and
`data/code/<stage>/`, a link to each of its modules. A stage depends on both. The manifest says what
has to be the same; through the links DVC sees an edit also where it is told to look at one stage
alone (`dvc repro --single-item`), and the stage then refuses to run beside a manifest of before.
"""

import compileall
import hashlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import NamedTuple

from expressions.errors import InputError
from expressions.pipeline.packages import DECISIVE, HARMLESS, installed_version
from expressions.pipeline.paths import CODE

OURS = ("expressions", "stages")
"""The packages of this project that stages are made of."""

_ROOT = Path(__file__).parents[2]


class Manifest(NamedTuple):
    """What decides a stage's result besides its parameters and its inputs."""

    modules: dict[str, str]
    """The SHA-256 of each file of this project, by its path in the repository, sorted."""
    packages: dict[str, str]
    """The version of each installed package that can change a result, sorted."""

    def __str__(self) -> str:
        """The text of the file: `<path> <hash>` a module, `<package>==<version>` a package."""
        lines = [f"{path} {digest}" for path, digest in self.modules.items()]
        lines += [f"{package}=={number}" for package, number in self.packages.items()]
        return "".join(f"{line}\n" for line in lines)


def read_manifest(path: Path) -> Manifest:
    """Read what `str(Manifest)` wrote.

    Raises:
        InputError: the file is missing or something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        modules = dict(line.split(" ") for line in lines if "==" not in line)
        return Manifest(modules, dict(line.split("==") for line in lines if "==" in line))
    except (OSError, ValueError):
        raise InputError(f"{path} is missing or damaged. Run `dvc repro code`.") from None


def closure(module: str) -> dict[str, str]:
    """Return the path and the SHA-256 of `module` and of all it imports of this project.

    Directly or through others, in functions too, but not where only types are checked. A module's
    packages run before it, so they are among them.
    """
    return {path: _sha256(_ROOT / path) for path in _paths(module)}


def closure_digest(stage: str) -> str:
    """Return one hash over the closure of a stage and the installed versions of its packages."""
    module = f"stages.{stage}"
    manifest = Manifest(closure(module), {name: version(name) for name in _packages(module)})
    return hashlib.sha256(str(manifest).encode()).hexdigest()


def manifest_of(stage: str, pins: Mapping[str, str]) -> Manifest:
    """Make the manifest of `stages/<stage>.py` as the files stand now.

    Raises:
        InputError: a package is not installed in the version of `pins`, or nobody has said whether
            one that is imported can change a result.
    """
    module = f"stages.{stage}"
    versions = {name: installed_version(name, pins) for name in _packages(module)}
    return Manifest(closure(module), versions)


def write_links(folder: Path, manifest: Manifest, root: Path) -> None:
    """Fill the empty `folder` with a relative link to each module, under its dotted name."""
    up = os.path.relpath(root, folder)
    for path in manifest.modules:
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        (folder / name).symlink_to(Path(up, path))


def load_closure(stage: str, root: Path) -> Manifest:
    """Import all of a stage's modules, and prove that they are those of its manifest; give that.

    So nothing that is edited from here on gets into the run.

    Raises:
        InputError: the manifest is older than a module, names other ones than are loaded, or other
            versions than are installed.
    """
    manifest = read_manifest(root / CODE / f"{stage}.txt")
    for path in manifest.modules:
        if path != f"stages/{stage}.py":
            importlib.import_module(_name_of(path))
    found = [*changed_modules(manifest, root), *_unlisted(manifest, root)]
    if found:
        raise InputError(
            f"{found[0]}, so it is newer than {CODE / stage}.txt, which says what {stage} consists "
            "of. Run `dvc repro`, or `dvc repro code` first, where one stage is run alone."
        )
    for package, expected in manifest.packages.items():
        installed_version(package, {package: expected})
    return manifest


def changed_modules(manifest: Manifest, root: Path) -> Iterator[str]:
    """Say of each file of a manifest that is not as it was then what it was and is."""
    for path, before in manifest.modules.items():
        now = _sha256(root / path) if (root / path).exists() else "missing"
        if now != before:
            yield f"{path} was {before[:12]}, is now {now[:12]}"


def compile_by_content(root: Path) -> None:
    """Compile the project so that Python takes a compiled module only for the source it is of.

    By default Python goes by the source's size and time in whole seconds, and would take the old
    module after an edit of equal length within a second.
    """
    for package in OURS:
        compileall.compile_dir(
            root / package,
            force=True,
            quiet=2,
            invalidation_mode=PycInvalidationMode.CHECKED_HASH,
        )


def _unlisted(manifest: Manifest, root: Path) -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is None or module.__name__.split(".")[0] not in OURS:
            continue
        path = Path(file)
        if path.is_relative_to(root) and path.relative_to(root).as_posix() not in manifest.modules:
            yield f"{path.relative_to(root)} is imported"


def _paths(module: str) -> list[str]:
    return sorted(_path_of(name) for name in _upstream(module) if name.split(".")[0] in OURS)


def _packages(module: str) -> list[str]:
    """Return the packages whose versions can change what `module` does, sorted."""
    imported = {name.split(".")[0] for name in _upstream(module)}
    packages = imported - set(OURS) - set(sys.stdlib_module_names)
    unknown = packages - set(DECISIVE) - set(HARMLESS)
    if unknown:
        raise InputError(
            f"{min(unknown)} is imported: add it to DECISIVE in expressions/pipeline/packages.py "
            "if a version of it can change the bytes of an output, to HARMLESS if none can."
        )
    return sorted({package for name in packages & set(DECISIVE) for package in DECISIVE[name]})


@cache
def _upstream(module: str) -> frozenset[str]:
    # Here, since only the pipeline needs it, and prediction imports this wing, too.
    import grimp  # noqa: PLC0415

    graph = grimp.build_graph(
        *OURS, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    found: set[str] = set()
    waiting = {module}
    while waiting:
        found |= waiting
        parents = {name.rpartition(".")[0] for name in found if name.split(".")[0] in OURS}
        reached = set().union(*(graph.find_upstream_modules(name) for name in waiting))
        waiting = (reached | parents - {""}) - found
    return frozenset(found)


def _path_of(module: str) -> str:
    path = Path(*module.split("."))
    package = path / "__init__.py"
    return (package if (_ROOT / package).exists() else path.with_suffix(".py")).as_posix()


def _name_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
