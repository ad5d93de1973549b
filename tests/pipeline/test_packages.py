"""Third-party versions that decide a result stand in the manifests; the others do not."""

import json
import re
from pathlib import Path

import pytest
from helpers import ROOT, Repository

from expressions.errors import InputError
from expressions.pipeline.packages import DECISIVE, HARMLESS, installed_version, read_pins


def test_pins_are_read_from_a_lock_with_hashes(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("a-b==1.2.0 \\\n    --hash=sha256:0\n    # via c==9\nc==3 ; x\n", "utf-8")
    assert read_pins(path) == {"a-b": "1.2.0", "c": "3"}


def test_a_lock_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"requirements\.txt cannot be read.*make lock"):
        read_pins(tmp_path / "requirements.txt")


def test_every_package_that_counts_is_pinned_and_installed_so():
    pins = read_pins(ROOT / "requirements.txt")
    for packages in DECISIVE.values():
        assert [installed_version(name, pins) for name in packages] == [pins[n] for n in packages]
    assert not set(DECISIVE) & set(HARMLESS)


def test_another_version_than_the_pinned_one_is_named():
    with pytest.raises(InputError, match=r"pins numpy 0\.1, installed is \d.*make setup"):
        installed_version("numpy", {"numpy": "0.1"})
    with pytest.raises(InputError, match=r"installed is none"):
        installed_version("no-such-package", {"no-such-package": "0.1"})
    with pytest.raises(InputError, match="does not pin numpy"):
        installed_version("numpy", {})


@pytest.fixture
def complete(finished: Repository):
    """The finished pipeline; what a test changes in git's files is put back."""
    yield finished
    finished.put_back()


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
    complete.run("dvc", "repro", "code", PYTHONPATH=str(tmp_path))
    status = json.loads(complete.run("dvc", "status", "--json").stdout)
    assert set(status) == stages


@pytest.mark.pipeline
def test_a_package_that_was_changed_without_the_lock_stops_the_stage(complete, tmp_path):
    install(tmp_path, "numpy", "99.1")
    complete.edit("params.yaml", "shards: 16", "shards: 4")
    done = complete.run("dvc", "repro", "render", check=False, PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert "installed is 99.1. Run `make setup`" in done.stderr
    assert "Traceback" not in done.stderr


def install(folder: Path, package: str, version: str) -> None:
    """Make Python believe that a package is installed in another version."""
    described = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    described.mkdir()
    text = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    (described / "METADATA").write_text(text, encoding="utf-8")
