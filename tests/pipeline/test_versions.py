"""Third-party versions that decide a result are dependencies; the others are not."""

import json
import re
from pathlib import Path

import pytest
from helpers import ROOT, Repository

from expressions.errors import InputError
from expressions.pipeline.versions import DECISIVE, HARMLESS, pinned_and_installed, pins


def test_pins_are_read_from_a_lock_with_hashes(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("a-b==1.2.0 \\\n    --hash=sha256:0\n    # via c==9\nc==3 ; x\n", "utf-8")
    assert pins(path) == {"a-b": "1.2.0", "c": "3"}


def test_every_package_that_counts_is_pinned_and_installed_so():
    pinned = pins(ROOT / "requirements.txt")
    for packages in DECISIVE.values():
        assert set(pinned_and_installed(packages, pinned)) == set(packages)
    assert not set(DECISIVE) & set(HARMLESS)


def test_another_version_than_the_pinned_one_is_named():
    with pytest.raises(InputError, match=r"pins numpy 0\.1, installed is \d.*make setup"):
        pinned_and_installed(("numpy",), {"numpy": "0.1"})
    with pytest.raises(InputError, match="does not pin numpy"):
        pinned_and_installed(("numpy",), {})


@pytest.fixture
def complete(finished: Repository):
    """The finished pipeline; what a test changes in git's files is put back."""
    yield finished
    finished.run("git", "reset", "--quiet", "--hard")


@pytest.mark.pipeline
@pytest.mark.parametrize(
    ("package", "stages"),
    [
        ("tensorflow", {"train", "evaluate", "export"}),
        ("flask", set()),
    ],
)
def test_a_new_version_runs_again_what_it_can_change(complete, tmp_path, package, stages):
    text = complete.read("requirements.txt")
    changed, count = re.subn(rf"(?m)^{package}==\S+", f"{package}==99.1", text)
    assert count == 1
    (complete.folder / "requirements.txt").write_text(changed, "utf-8")
    install(tmp_path, package, "99.1")
    complete.run("dvc", "repro", "versions", PYTHONPATH=str(tmp_path))
    status = json.loads(complete.run("dvc", "status", "--json").stdout)
    assert set(status) == stages


def install(folder: Path, package: str, version: str) -> None:
    """Make Python believe that a package is installed in another version."""
    described = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    described.mkdir()
    text = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    (described / "METADATA").write_text(text, encoding="utf-8")
