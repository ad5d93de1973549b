"""Remotes over real servers: what one person pushes, another pulls, and what fails is said.

S3 is the exception: its server is a simulator, and the names of its tests say so.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import Repository

from checks import servers
from expressions.pipeline import integrity as intact

pytestmark = pytest.mark.pipeline


class Remote(NamedTuple):
    """A remote that holds what `finished` pushed."""

    url: str
    settings: dict[str, str]
    stored: Path | None
    """The folder of its files; None where a server keeps them in memory."""


def push(repository: Repository, url: str, settings: dict[str, str]) -> str:
    """Push everything; the repository forgets the remote afterwards."""
    repository.use_remote(url, **settings)
    done = repository.run("dvc", "push")
    (repository.folder / ".dvc/config.local").unlink()
    return done.stdout


@pytest.fixture(scope="module")
def pushed(finished: Repository, tmp_path_factory) -> Path:
    """A folder with everything of `finished`; tests put back what they change."""
    folder = tmp_path_factory.mktemp("pushed")
    assert "files pushed" in push(finished, str(folder), {})
    return folder


@pytest.fixture(params=["folder", "ssh", "http", "simulated-s3"])
def remote(request, finished: Repository, pushed: Path, tmp_path: Path) -> Iterator[Remote]:
    """Everything of `finished`, pushed to and behind one kind of server."""
    own = tmp_path / "server"
    own.mkdir()
    with ExitStack() as stack:
        if request.param == "folder":
            yield Remote(str(pushed), {}, pushed)
        elif request.param == "http":
            server = stack.enter_context(servers.http(own, pushed))
            yield Remote(server.url, server.settings, pushed)
        else:
            start = {"ssh": lambda: servers.ssh(own, tmp_path / "stored")}
            start["simulated-s3"] = lambda: servers.simulated_s3(own)
            server = stack.enter_context(start[request.param]())
            assert "files pushed" in push(finished, server.url, server.settings)
            stored = tmp_path / "stored"
            yield Remote(server.url, server.settings, stored if stored.exists() else None)


@pytest.fixture
def newcomer(finished: Repository, tmp_path: Path) -> Repository:
    """A clone with neither data nor cache."""
    return finished.clone(tmp_path / "newcomer")


def place(repository: Repository, stage: str, path: str) -> Path:
    """Where a cache or a remote keeps what `stage` depends on at `path`."""
    (entry,) = [d for d in repository.lock()[stage]["deps"] if d["path"] == path]
    return Path("files/md5") / entry["md5"][:2] / entry["md5"][2:]


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a write-protected file without touching other links to it; time and mode stay."""
    before, content = path.stat(), path.read_bytes()
    path.unlink()
    path.write_bytes(change(content))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    path.chmod(before.st_mode)


def flip_a_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_what_one_pushed_another_pulls_and_nothing_runs(remote, finished, newcomer):
    newcomer.use_remote(remote.url, **remote.settings)
    newcomer.run("dvc", "pull")
    assert newcomer.repro() == set()
    assert newcomer.run("git", "status", "--porcelain").stdout == ""
    model = "models/model.keras"
    assert (newcomer.folder / model).read_bytes() == (finished.folder / model).read_bytes()


def test_a_new_seed_pulls_the_arrays_alone_and_runs_from_there(pushed, newcomer):
    newcomer.use_remote(str(pushed))
    newcomer.edit("params.yaml", "seed: 1\n  portable", "seed: 2\n  portable")
    assert newcomer.repro("--pull", "--allow-missing", "train") == {"train"}
    data = newcomer.folder / "data"
    pulled = {path.relative_to(data).parts[0] for path in data.rglob("*") if path.is_file()}
    # The rest is in git.
    assert pulled - {".gitignore", "source", "code"} == {"arrays"}


def test_a_wrong_ssh_key_is_named_and_the_right_one_works_at_the_next_try(
    pushed, newcomer, tmp_path
):
    with servers.ssh(tmp_path, pushed) as server:
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "wrong"], check=True
        )
        newcomer.use_remote(server.url, **server.settings | {"keyfile": str(tmp_path / "wrong")})
        refused = newcomer.run("dvc", "pull", check=False)
        assert refused.returncode == 1
        assert "Permission denied" in refused.stderr
        assert "Traceback" not in refused.stderr
        newcomer.use_remote(server.url, **server.settings)
        newcomer.run("dvc", "pull", "arrays")
    assert (newcomer.folder / "data/arrays/training.npy").exists()


def test_an_ssh_server_gone_in_mid_push_leaves_nothing_half_and_the_next_push_ends_it(
    finished, newcomer, tmp_path
):
    stored = tmp_path / "stored"
    with servers.ssh(tmp_path, stored) as server:
        finished.use_remote(server.url, **server.settings)
        command = [shutil.which("dvc", path=finished.environment["PATH"]), "push", "--jobs", "1"]
        process = subprocess.Popen(
            command,
            cwd=finished.folder,
            env=finished.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while process.poll() is None and len(list(stored.glob("files/md5/??/*"))) < 10:
            time.sleep(0.01)
        server.stop()
        output, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "ERROR" in output
    there = len([path for path in stored.glob("files/md5/??/*") if is_whole(path)])
    assert 5 < there < len(list(finished.folder.glob(".dvc/cache/files/md5/??/*")))
    with servers.ssh(tmp_path, stored) as server:
        assert "files pushed" in push(finished, server.url, server.settings)
        newcomer.use_remote(server.url, **server.settings, verify="true")
        newcomer.run("dvc", "pull")
    assert newcomer.run("dvc", "status", "--quiet").returncode == 0


def is_whole(path: Path) -> bool:
    """The name says what the content is."""
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return path.parent.name + path.name.removesuffix(".dir") == digest


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (servers.ssh, "failed to connect to ssh"),
        (servers.simulated_s3, "failed to connect to s3"),
        # DVC takes a web server that does not answer for one that has nothing.
        (servers.http, "do not exist neither locally nor on remote"),
    ],
)
def test_a_server_that_is_gone_is_told_and_leaves_nothing(newcomer, tmp_path, kind, told):
    places = [tmp_path] if kind is servers.simulated_s3 else [tmp_path, tmp_path]
    with kind(*places) as server:
        pass
    newcomer.use_remote(server.url, **server.settings)
    done = newcomer.run("dvc", "pull", "data/samples.csv", check=False, AWS_MAX_ATTEMPTS="1")
    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (newcomer.folder / "data/samples.csv").exists()


@pytest.mark.parametrize("damage", [lambda content: content[: len(content) // 2], flip_a_bit])
def test_a_damaged_file_on_a_remote_is_refused_and_whole_again_is_taken(
    pushed, newcomer, tmp_path, damage
):
    stored = tmp_path / "stored"
    shutil.copytree(pushed, stored)
    kept = place(newcomer, "train", "data/arrays/training.npy")
    rewrite(stored / kept, damage)
    newcomer.use_remote(str(stored), verify="true")
    done = newcomer.run("dvc", "pull", "data/arrays", check=False)
    assert done.returncode == 1
    assert "data/arrays" in done.stderr
    assert not (newcomer.folder / "data/arrays/training.npy").exists()
    shutil.copyfile(pushed / kept, stored / kept)
    newcomer.run("dvc", "pull", "data/arrays")
    assert intact.damaged(newcomer.folder, intact.locked_outputs(newcomer.folder)) == []
    assert (newcomer.folder / "data/arrays/training.npy").exists()


def test_flipped_bits_in_the_cache_are_never_used(pushed, newcomer):
    """Also where the remote does not verify, and where size and time of the file are the same."""
    newcomer.use_remote(str(pushed))
    newcomer.run("dvc", "pull")
    cached = newcomer.folder / ".dvc/cache" / place(newcomer, "arrays", "data/samples.csv")
    rewrite(cached, flip_a_bit)
    (newcomer.folder / "data/samples.csv").unlink()
    newcomer.run("dvc", "checkout", "data/samples.csv")
    assert newcomer.run("dvc", "status", "--quiet").returncode == 0, "DVC does not see it"
    newcomer.edit("params.yaml", "low: -1.0", "low: 0.0")

    refused = newcomer.run("dvc", "repro", "arrays", check=False)
    assert "data/samples.csv is damaged" in refused.stderr
    assert "Traceback" not in refused.stderr

    found = newcomer.run("expressions", "verify", check=False)
    assert found.returncode == 1
    assert f"removed {cached}" in found.stdout
    newcomer.run("dvc", "pull", "--force")
    newcomer.run("expressions", "verify")
    assert newcomer.repro("arrays") == {"arrays"}


def test_damaged_data_without_a_remote_is_made_again(finished, newcomer):
    shutil.copytree(finished.folder / ".dvc/cache", newcomer.folder / ".dvc/cache")
    newcomer.run("dvc", "checkout")
    cached = newcomer.folder / ".dvc/cache" / place(newcomer, "arrays", "data/samples.csv")
    rewrite(cached, flip_a_bit)
    before = newcomer.read("dvc.lock")
    (newcomer.folder / "data/samples.csv").unlink()
    newcomer.run("dvc", "checkout", "data/samples.csv")
    newcomer.run("expressions", "verify", check=False)
    assert newcomer.repro() == {"join"}
    assert newcomer.read("dvc.lock") == before
