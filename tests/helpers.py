"""What several tests share: the repository, a copy of the pipeline to run, a small model."""

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from filelock import FileLock
from markdown_it import MarkdownIt
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tracing import STRACE, can_trace, read_trace, save_trace

from expressions.labels.emotions import EMOTIONS
from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.pipeline.outputs import whole_folder

CLASSES = EMOTIONS[:7]

ROOT = Path(__file__).parent.parent

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
"""The documentation."""


def code_blocks(page: Path, language: str) -> list[str]:
    """The fenced code of a page in one language."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [t.content for t in tokens if t.type == "fence" and t.info.split()[:1] == [language]]


def faces(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Random pictures as a network takes them, `[count, 48, 48]`, -1 to 1."""
    return np.random.default_rng(seed).uniform(-1, 1, (count, 48, 48)).astype(np.float32)


def trained_network(name: str) -> Any:
    """A network for eight classes whose norms have seen pictures."""
    from expressions.network import architectures
    from expressions.network.runtime import keras

    keras.backend.clear_session()
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(3)
    model = architectures.build(name, 8, dropout=0.2)
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


def folded_network(name: str) -> Any:
    """`trained_network`, its norms folded."""
    from expressions.network import architectures
    from expressions.network.folding import fold

    before = trained_network(name)
    model = architectures.build(name, 8, dropout=0.2, folded=True)
    fold(before, model)
    return model


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """A folder that one of pytest's processes makes whole, while those that need it wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with whole_folder(folder) as partial:
                make(partial)
    return folder


EVERYTHING = {
    "code",
    "ingest@fer2013",
    "ingest@iefdb",
    "clean@fer2013",
    "clean@iefdb",
    "join",
    "render@fer2013",
    "render@iefdb",
    "crop@fer2013",
    "crop@iefdb",
    "arrays",
    "train",
    "evaluate",
    "export",
    "audit",
    "report",
}


COVERAGE = {"COVERAGE_PROCESS_CONFIG"}
"""What makes a Python that a test starts measure which lines it runs."""


def measured() -> dict[str, str]:
    """The variables of coverage, where it is measured."""
    return {name: os.environ[name] for name in COVERAGE & os.environ.keys()}


class Repository:
    """A copy of the pipeline in its own folder, under git and DVC, with its own cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """The variables of this process, with the programs beside this Python first.

        Without those of coverage, with which a run of stages takes a third more time.
        """
        beside_python = str(Path(sys.executable).parent)
        kept = {name: value for name, value in os.environ.items() if name not in COVERAGE}
        return kept | {"PATH": os.pathsep.join([beside_python, os.environ["PATH"]])}

    def run(
        self, *command: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository's folder; its output is text."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment
            | ({} if Path(command[0]).name == "dvc" else measured())
            | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def repro(self, *arguments: str) -> set[str]:
        """Run `dvc repro` and give the names of the stages that ran."""
        return _stages_run(self.run("dvc", "repro", *arguments).stdout)

    def repro_experiment(self, *arguments: str) -> set[str]:
        """Run `dvc exp run` and give the names of the stages that ran."""
        return _stages_run(self.run("dvc", "exp", "run", *arguments).stdout)

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace `before`, which has to occur once, in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} occurs {text.count(before)} times in {file}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def read(self, file: str) -> str:
        """The text of a file."""
        return (self.folder / file).read_text(encoding="utf-8")

    def lock(self) -> dict[str, Any]:
        """The stages of `dvc.lock`."""
        return yaml.load(self.read("dvc.lock"), yaml.CSafeLoader)["stages"]

    def clone(self, folder: Path) -> "Repository":
        """What another person gets: everything in git, without data and without cache."""
        self.run("git", "clone", "--quiet", str(self.folder), str(folder))
        return _with_a_name(Repository(folder))

    def copy(self, folder: Path) -> "Repository":
        """A clone in which everything that was computed is in the cache and in place."""
        clone = self.clone(folder)
        shutil.copytree(self.folder / ".dvc/cache", folder / ".dvc/cache")
        clone.run("dvc", "checkout")
        return clone

    def use_remote(self, url: str, **settings: str) -> None:
        """Make a remote the default one, as `dvc remote add --local` does in more time."""
        lines = [f"    {key} = {value}" for key, value in {"url": url, **settings}.items()]
        text = "\n".join(["[core]", "    remote = shared", "['remote \"shared\"']", *lines, ""])
        (self.folder / ".dvc/config.local").write_text(text, encoding="utf-8")

    def put_back(self) -> None:
        """Make everything in git and in DVC's lock as it was committed."""
        self.run("git", "reset", "--quiet", "--hard")
        self.run("dvc", "checkout", "--force", "--quiet")

    def commit(self, message: str = "change") -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)


def _stages_run(output: str) -> set[str]:
    """The stages that were not up to date, also where the run cache knew what they would write."""
    ran = re.findall(r"(?m)^Running stage '([^']+)'", output)
    return {*ran, *re.findall(r"(?m)^Stage '([^']+)' is cached - skipping run", output)}


def copy_of_pipeline(folder: Path) -> Repository:
    """The files git tracks, at their present state, as a new repository in `folder`."""
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in tracked:
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target, follow_symlinks=False)
    repository = Repository(folder)
    repository.run("git", "init", "--quiet", "--initial-branch", "main")
    _with_a_name(repository).commit("start")
    return repository


def _with_a_name(repository: Repository) -> Repository:
    repository.run("git", "config", "user.name", "Test")
    repository.run("git", "config", "user.email", "test@example.org")
    return repository


def make_small(repository: Repository) -> None:
    """A data set and a training of seconds."""
    repository.edit("data/source/demo/fer2013/recipe.yaml", "training: 900", "training: 160")
    for split in ("validation", "test"):
        repository.edit("data/source/demo/fer2013/recipe.yaml", f"{split}: 260", f"{split}: 36")
    repository.edit("data/source/demo/iefdb/recipe.yaml", "photographs: 42", "photographs: 8")
    repository.edit("params.yaml", "epochs: 75", "epochs: 2")
    repository.edit("params.yaml", "warmup_epochs: 2", "warmup_epochs: 1")
    repository.edit("params.yaml", "batch: 128", "batch: 32")
    repository.edit("params.yaml", "resamples: 10000", "resamples: 100")


def run_small(repository: Repository) -> None:
    """Run the small pipeline and commit what it leaves."""
    make_small(repository)
    (repository.folder / "dvc.lock").unlink(missing_ok=True)
    # The one run of all stages whose coverage is measured, and that is watched from outside.
    assert _stages_run(_run_traced(repository, "dvc", "repro", **measured())) == EVERYTHING
    repository.commit("first run")


def _run_traced(repository: Repository, *command: str, **environment: str) -> str:
    """Run a command in an empty home and return its output; where possible, save its trace."""
    apart = repository.folder / ".dvc/tmp"
    for name in ("home", "temporary"):
        (apart / name).mkdir(parents=True)
    environment |= {"HOME": str(apart / "home"), "TMPDIR": str(apart / "temporary")}
    if not can_trace():
        return repository.run(*command, **environment).stdout
    traced = [*STRACE, "--output", str(apart / "log"), "--", *command]
    output = repository.run(*traced, **environment).stdout
    save_trace(read_trace(apart / "log", repository.folder), apart / "trace.json")
    (apart / "log").unlink()
    return output


def unused_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def export(folder: Path, **card) -> Path:
    """A model of one layer in the form of `models/export/`, with fixed random weights."""
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 0.001, (48 * 48, len(CLASSES))).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["faces"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"]),
        ],
        "network",
        [helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", 48, 48, 1])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 7])],
        [numpy_helper.from_array(weights, "weights")],
    )
    opset = [helper.make_opsetid("", 17)]
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), folder / "model.onnx")
    content = {
        "name": "one_layer",
        "classes": CLASSES,
        "framing": {"margin": 0.0, "confidence": 0.8, "min_face": 0.1, "longest_side": 640},
        "flip": False,
        "trained_on": "nothing",
        "metrics": {},
    }
    (folder / "model.json").write_text(json.dumps(content | card), encoding="utf-8")
    return folder


def keep_axes(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> list[Any]:
    """Make `module.figure` keep the axes it gives, so that a test can read what was drawn."""
    kept: list[Any] = []
    original = module.figure

    @contextmanager
    def figure(*arguments: Any, **grid: Any) -> Iterator[Any]:
        with original(*arguments, **grid) as axes:
            kept.append(axes)
            yield axes

    monkeypatch.setattr(module, "figure", figure)
    return kept


def write_fer2013_tables(folder: Path, rows: Sequence[tuple[str, int, dict[str, int]]]) -> Path:
    """Write FER-2013, packed, and FER+ into `folder`.

    Args:
        folder: which is there.
        rows: `Usage`, the grey value of all pixels, and the votes.
    """
    pictures = ["emotion,pixels,Usage"]
    votes = [",".join(("Usage", "Image name", *VOTE_COLUMNS))]
    for usage, grey, given in rows:
        pictures.append(f"0,{' '.join([str(grey)] * 48 * 48)},{usage}")
        counts = [str(given.get(name, 0)) for name in VOTE_COLUMNS]
        votes.append(",".join((usage, "same.png", *counts)))
    with gzip.open(folder / "fer2013.csv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(pictures))
    (folder / "fer2013new.csv").write_text("\n".join(votes), encoding="utf-8")
    return folder
