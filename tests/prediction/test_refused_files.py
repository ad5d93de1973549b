"""`expressions predict` where the system refuses: real file systems, without the rights of root."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, export
from own_mounts import with_own_mounts

SCRIPT = """
set -eu
mkdir full readonly closed
mount -t tmpfs -o size=12k tmpfs full
mount -t tmpfs -o ro tmpfs readonly
trap "umount full readonly" EXIT
chmod 0 closed denied.jpg denied.mp4
# Root is as bound to rights as others then.
predict="setpriv --bounding-set=-dac_override,-dac_read_search expressions predict"
for options in \
  "photo.jpg denied.jpg denied.mp4 closed next.jpg --annotate full/out" \
  "photo.jpg --annotate readonly/out" \
  "photo.jpg --annotate closed" \
  "closed"
do
  $predict --quiet --json --model model $options && code=0 || code=$?
  echo "code $code"
  echo "code $code" >&2
done
ls -A full/out
"""
DENIED = "Permission denied. Have its owner give you the right to it (chmod), or name another one"

READ_ONLY = (
    "error: readonly/out cannot be written to: Read-only file system. Name another place, or mount "
    "it for writing."
)
NOTHING = (
    "error: There is no picture and no video in closed; passed over: 1 (folders that cannot be "
    "read (Permission denied))."
)


def parts(text: str) -> list[list[str]]:
    """The lines of each run."""
    runs: list[list[str]] = [[]]
    for line in text.splitlines():
        runs[-1].append(line)
        if line.startswith("code "):
            runs.append([])
    return runs


@pytest.fixture
def done(tmp_path) -> subprocess.CompletedProcess[str]:
    for name in ("photo.jpg", "next.jpg"):
        shutil.copy(ROOT / "samples/happiness.jpg", tmp_path / name)
    for name in ("denied.jpg", "denied.mp4"):
        (tmp_path / name).write_bytes(b"x")
    export(tmp_path / "model")
    (tmp_path / "script").write_text(SCRIPT, encoding="utf-8")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        with_own_mounts("sh", "script"), cwd=tmp_path, env=os.environ | {"PATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_is_refused_is_one_line_each_and_the_next_file_follows(done):
    assert done.returncode == 0, done.stdout + done.stderr
    (full, *others, left), told = parts(done.stdout), parts(done.stderr)
    assert full.pop() == "code 1"
    photo, picture, film, following = map(json.loads, full)
    assert len(photo["faces"]) == 1
    assert photo["error"] == (
        "full/out/photo.jpg cannot be written: No space left on device. Make room, then run it "
        "again. Nothing that was there is changed."
    )
    assert len(following["faces"]) == 1
    assert left == [], "not even half a picture"
    assert picture == {"source": "denied.jpg", "error": DENIED}
    assert film == {"source": "denied.mp4", "error": DENIED}
    assert others == [["code 1"]] * 3
    assert told == [
        ["code 1"],
        [READ_ONLY, "code 1"],
        [f"error: closed cannot be written to: {DENIED}.", "code 1"],
        [NOTHING, "code 1"],
        [],
    ]  # fmt: skip
