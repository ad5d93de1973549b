"""A run that is cut off, by a kill or a full disk, costs one `dvc repro` and nothing else.

`CUT_OFFS` in the environment sets how often `dvc repro` is killed; the moments follow from a seed.
"""

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import yaml
from helpers import Repository
from own_mounts import with_own_mounts

pytestmark = pytest.mark.pipeline

CUT_OFFS = int(os.environ.get("CUT_OFFS", "3"))


@pytest.fixture
def copy(finished: Repository, tmp_path: Path) -> Repository:
    """A clone with everything computed, in the cache and in place."""
    return finished.copy(tmp_path / "copy")


def forget(repository: Repository, stage: str) -> None:
    """Make `stage` one that never ran."""
    for path in [out["path"] for out in repository.lock()[stage]["outs"]]:
        target = repository.folder / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink()
    lock = yaml.safe_load(repository.read("dvc.lock"))
    del lock["stages"][stage]
    (repository.folder / "dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")


def rest_files(repository: Repository) -> list[Path]:
    """What a cut-off run may leave in the folder or in the cache."""
    folder = repository.folder
    partial = [path for path in folder.rglob("*.partial") if ".git" not in path.parts]
    checkpoints = list((folder / "models/checkpoints").glob("*"))
    objects = [path for path in (folder / ".dvc/cache/files").rglob("*") if path.is_file()]
    unnamed = [p for p in objects if len((p.parent.name + p.stem).removesuffix(".dir")) != 32]
    return partial + checkpoints + unnamed


def kill_after(repository: Repository, seconds: float, everything: bool) -> bool:
    """Run `dvc repro` and kill it with SIGKILL, alone or with all it started; True if it lived."""
    process = subprocess.Popen(
        [shutil.which("dvc", path=repository.environment["PATH"]), "repro", "--no-run-cache"],
        cwd=repository.folder,
        env=repository.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        if everything:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        return True
    return False


# Files that DVC may be killed while it writes them, by what it says then; the remedies are those
# of docs/reproduce.md.
HALF_WRITTEN = {
    "'./dvc.lock'": ("git", "restore", "dvc.lock"),
    "'.dvc/tmp/rwlock'": ("rm", ".dvc/tmp/rwlock"),
}


def repro_with_a_hand(repository: Repository) -> subprocess.CompletedProcess[str]:
    """Run `dvc repro`; where it names a file that the kill left half written, remedy that."""
    done = repository.run("dvc", "repro", "--no-run-cache", check=False)
    for file, remedy in HALF_WRITTEN.items():
        if done.returncode and file in done.stderr:
            print(f"{file} was half written")
            repository.run(*remedy)
            return repository.run("dvc", "repro", "--no-run-cache", check=False)
    return done


# Seconds that the stages of the small pipeline take or more, DVC's start included.
SECONDS = {"train": 25, "evaluate": 15, "crop@iefdb": 15, "ingest@fer2013": 9}


def test_killed_anywhere_the_next_run_ends_with_the_same_lock(copy, finished):
    chance = random.Random(5)  # noqa: S311
    stages = list(finished.lock())
    chance.shuffle(stages)
    killed = 0
    for number in range(CUT_OFFS):
        stage = stages[number % len(stages)]
        forget(copy, stage)
        moment = chance.uniform(1, SECONDS.get(stage, 6))
        alive = kill_after(copy, moment, everything=chance.random() < 0.5)
        killed += alive
        repeated = repro_with_a_hand(copy)
        told = f"{stage}, cut off after {moment:.1f} s: {repeated.stdout}{repeated.stderr}"
        print(f"{stage}: after {moment:.1f} s", "killed" if alive else "had ended")
        assert repeated.returncode == 0, told
        assert copy.lock() == finished.lock(), told
        assert rest_files(copy) == [], told
        assert copy.run("git", "status", "--porcelain", "--", ":!dvc.lock").stdout == "", told
    assert killed > 0


def test_a_full_disk_leaves_outputs_whole_or_not_at_all(finished, tmp_path):
    """On a file system of its own, in a name space of its own that ends with the command."""
    script = tmp_path / "full.sh"
    script.write_text(FULL_DISK, encoding="utf-8")
    (tmp_path / "disk").mkdir()
    done = subprocess.run(
        with_own_mounts("bash", script, tmp_path / "disk", finished.folder),
        env=finished.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No space left on device. Make room, then run it again." in done.stdout
    assert "Traceback" not in done.stdout


FULL_DISK = """
set -euo pipefail
mount -t tmpfs -o size=256m tmpfs "$1"
disk=$1
trap 'cd / && umount "$disk"' EXIT
cd "$1"
git clone --quiet "$2" copy
cp -R "$2/.dvc/cache" copy/.dvc/cache
cd copy
dvc checkout --quiet
for stage in arrays train; do
  case $stage in
    arrays) outputs=data/arrays ;;
    train) outputs=models/model.keras ;;
  esac
  # Not the outputs of before: they are in the cache, and room is what this is about.
  rm -r $outputs
  python - $stage <<'END'
import sys, yaml
lock = yaml.safe_load(open("dvc.lock"))
del lock["stages"][sys.argv[1]]
yaml.safe_dump(lock, open("dvc.lock", "w"))
END
  cat /dev/zero > filler 2> /dev/null || true
  truncate --size=-200K filler
  if dvc repro --no-run-cache $stage 2>&1; then echo "$stage ran on a full disk"; exit 1; fi
  for path in $outputs; do
    if [ -e $path ]; then echo "$path is there"; exit 1; fi
  done
  find . -name '*.partial' | grep . && exit 1
  rm filler
  dvc repro --no-run-cache $stage
  git diff --exit-code -- metrics data models
  python - "$2" <<'END'
import sys, yaml
ours, theirs = (yaml.safe_load(open(f"{f}/dvc.lock")) for f in (".", sys.argv[1]))
assert ours == theirs
END
done
"""
