"""Pushing and pulling the real data's pictures: zip shards against one file a picture.

Takes some minutes.
"""

import os
import shutil
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from checks import servers
from checks.clones import dvc, git, with_arrays

OUTPUTS = ("data/images/fer2013", "data/faces/fer2013", "data/arrays")
SAMPLE = "sample"
"""One shard, and its pictures as files: all of them take half an hour over SSH."""


def main() -> None:
    """Print a line for a folder and one for SSH."""
    data = Path(os.environ["FER_DATA"]).resolve()
    with TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs = with_arrays(folder / "ours", data), folder / "theirs"
        one_file_a_picture(ours, theirs)
        pictures = sample(ours, theirs)
        local = [both_ways(r, OUTPUTS, folder / f"{r.name}-local", {}) for r in (ours, theirs)]
        report("remote-local", *local)
        over_ssh = [ssh_both_ways(r, (SAMPLE,), folder / f"{r.name}-ssh") for r in (ours, theirs)]
        report("remote-ssh", *over_ssh, note=f", {len(pictures)} pictures")
        push, pull = ssh_both_ways(ours, OUTPUTS, folder / "all-ssh")
        print(f"everything over ssh: push {push:.1f} s, pull {pull:.1f} s")


def one_file_a_picture(ours: Path, folder: Path) -> None:
    """The same outputs under DVC, each picture as a file of its own, as most people keep them."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    dvc(folder, "init", "--quiet")
    for output in OUTPUTS:
        target = folder / output
        shutil.copytree(ours / output, target)
        for shard in target.glob("*.zip"):
            with zipfile.ZipFile(shard) as archive:
                archive.extractall(target)
            shard.unlink()
        dvc(folder, "add", "--quiet", output)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Add")


def sample(ours: Path, theirs: Path) -> list[str]:
    """Put one shard under DVC in `ours`, its pictures in `theirs`; give their names."""
    shard = next(iter(sorted((ours / OUTPUTS[0]).glob("*.zip"))))
    with zipfile.ZipFile(shard) as archive:
        archive.extractall(theirs / SAMPLE)
        names = archive.namelist()
    (ours / SAMPLE).mkdir()
    shutil.copyfile(shard, ours / SAMPLE / shard.name)
    for repository in (ours, theirs):
        dvc(repository, "add", "--quiet", SAMPLE)
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "--message", "Add a sample")
    return names


def ssh_both_ways(repository: Path, targets: Sequence[str], stored: Path) -> tuple[float, float]:
    """As `both_ways`, through an SSH server on this computer that keeps the files in `stored`."""
    with servers.ssh(stored.parent, stored) as server:
        return both_ways(repository, targets, server.url, server.settings)


def both_ways(
    repository: Path, targets: Sequence[str], url: object, settings: Mapping[str, str]
) -> tuple[float, float]:
    """Seconds to push to an empty remote and to pull into a fresh clone."""
    clone = repository.with_name(f"{repository.name}-clone")
    git(repository, "clone", "--quiet", str(repository), str(clone))
    lines = [f"    {key} = {value}\n" for key, value in {"url": url, **settings}.items()]
    for place in (repository, clone):
        text = f"[core]\n    remote = r\n['remote \"r\"']\n{''.join(lines)}"
        (place / ".dvc/config.local").write_text(text, encoding="utf-8")
    times = seconds(repository, "push", *targets), seconds(clone, "pull", *targets)
    shutil.rmtree(clone)
    return times


def report(
    name: str, ours: tuple[float, float], theirs: tuple[float, float], note: str = ""
) -> None:
    """One line: how many times faster, and the seconds each way."""
    ratio = sum(theirs) / sum(ours)
    print(
        f"{name}: ratio {ratio:.1f} (push {ours[0]:.1f} s, pull {ours[1]:.1f} s; one file a "
        f"picture: push {theirs[0]:.1f} s, pull {theirs[1]:.1f} s{note})",
        flush=True,
    )


def seconds(folder: Path, *arguments: str) -> float:
    """How long a `dvc` command takes."""
    start = time.perf_counter()
    dvc(folder, *arguments)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
