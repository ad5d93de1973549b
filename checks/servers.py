"""Servers on this computer that hold a DVC remote, for tests and benchmarks: SSH, HTTP, S3.

Each runs as the present user on a free port, with keys and settings of its own, until its block
ends.
"""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

_SECONDS_TO_START = 30
# Debian keeps servers there, where a user's PATH does not look.
_PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])

_SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""

_NGINX = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {served};
  }}
}}
"""


class Server(NamedTuple):
    """A running server."""

    url: str
    """Where its remote lies, as `dvc remote add` takes it."""
    settings: Mapping[str, str]
    """What `dvc remote modify` has to set besides."""
    stop: Callable[[], None]
    """End it and every process that serves a client, at once, as a power cut would."""


@contextmanager
def ssh(folder: Path, stored: Path) -> Iterator[Server]:
    """OpenSSH over `stored`, which lets in who has `folder/key`; `folder` holds its keys."""
    for name in ("host_key", "key"):
        if not (folder / name).exists():
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    port = _free_port()
    (folder / "sshd_config").write_text(_SSHD.format(port=port, folder=folder), encoding="utf-8")
    # It wants its absolute path, since it starts itself anew for every client.
    command = [_program("sshd"), "-D", "-e", "-f", str(folder / "sshd_config")]
    settings = {"port": str(port), "user": getpass.getuser(), "keyfile": str(folder / "key")}
    with _running(command, port, folder / "sshd.log") as stop:
        yield Server(f"ssh://127.0.0.1{stored}", settings, stop)


@contextmanager
def http(folder: Path, stored: Path) -> Iterator[Server]:
    """Nginx over `stored`, to read only; `folder` holds its settings."""
    port = _free_port()
    # As root it would serve as `nobody`, who may not read a user's folders.
    user = "user root;" if os.geteuid() == 0 else ""
    text = _NGINX.format(user=user, port=port, folder=folder, served=stored)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _running(command, port, folder / "nginx.log") as stop:
        yield Server(f"http://127.0.0.1:{port}", {}, stop)


@contextmanager
def simulated_s3(folder: Path) -> Iterator[Server]:
    """The S3 simulator of `moto`, with one empty bucket, which keeps everything in memory."""
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1"]
    settings = {
        "endpointurl": endpoint,
        "region": "us-east-1",
        "access_key_id": "key",
        "secret_access_key": "secret",
    }
    with _running([*command, "-p", str(port)], port, folder / "s3.log") as stop:
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/expressions", method="PUT"))  # noqa: S310
        yield Server("s3://expressions/remote", settings, stop)


@contextmanager
def _running(command: Sequence[str], port: int, log: Path) -> Iterator[Callable[[], None]]:
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=file, stderr=file, start_new_session=True
        )

    def stop() -> None:
        # sshd gives each client a session of its own, so killing the group would not do.
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()

    try:
        _wait_for(process, port, log)
        yield stop
    finally:
        if process.poll() is None:
            stop()


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start: {log.read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program(name: str) -> str:
    path = shutil.which(name, path=_PLACES)
    if path is None:
        raise RuntimeError(f"{name} is missing: sudo apt-get install openssh-server nginx-light")
    return path


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603
