"""What `make test` does where Debian's packages are missing, with and without rights to install."""

import os
import subprocess
from pathlib import Path

import pytest
from helpers import ROOT

NEEDED = {"chromium", "nginx", "sshd", "strace"}


@pytest.fixture
def machine(tmp_path):
    """Run the script where only the programs in `tmp_path` are; what they were told is kept."""
    script = (ROOT / "checks/system_packages.sh").read_text("utf-8")
    places = ":/usr/local/sbin:/usr/sbin:/sbin"
    assert script.count(places) == 1
    (tmp_path / "script").write_text(script.replace(places, ""), encoding="utf-8")
    libraries = "libatomic.so.1 (libc6,x86-64) => /lib/libatomic.so.1"
    put(tmp_path, "ldconfig", f"echo '{libraries}'")
    (tmp_path / "grep").symlink_to("/bin/grep")
    (tmp_path / "env").symlink_to("/usr/bin/env")
    for name in ("apt-get", "service", "update-rc.d"):
        put(tmp_path, name, f'[ "$1" = --version ] || echo "{name} $*" >> "{tmp_path}/log"')

    def run(*there: str, user: int = 1000, sudo: bool | None = False, asked: tuple[str, ...] = ()):
        put(tmp_path, "id", f"echo {user}")
        if sudo is not None:
            put(tmp_path, "sudo", 'shift; exec "$@"' if sudo else "exit 1")
        for name in there:
            put(tmp_path, name, "")
        return subprocess.run(
            ["/bin/sh", tmp_path / "script", *asked], env={"PATH": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def put(folder: Path, name: str, line: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def log(folder: Path) -> list[str]:
    path = folder / "log"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def test_where_all_is_there_nothing_is_said_or_installed(machine, tmp_path):
    done = machine(*NEEDED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert log(tmp_path) == []


@pytest.mark.parametrize("rights", [{"user": 0}, {"sudo": True}])
def test_with_rights_what_is_missing_is_installed_and_its_services_are_off(
    machine, tmp_path, rights
):
    done = machine("nginx", **rights)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("make test: installing chromium openssh-server strace")
    assert log(tmp_path) == [
        "apt-get --quiet=2 update",
        "apt-get --quiet=2 --yes --no-install-recommends install chromium openssh-server strace",
        "service ssh stop",
        "update-rc.d ssh disable",
    ]


def test_whether_it_may_install_is_found_out_without_doing_it(machine, tmp_path):
    done = machine("nginx", user=0, asked=("--may-install",))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert log(tmp_path) == []


@pytest.mark.parametrize("asked", [(), ("--may-install",)])
@pytest.mark.parametrize("lacking", ["rights", "sudo", "apt-get"])
def test_where_it_may_not_install_the_line_to_run_is_said_once(machine, tmp_path, lacking, asked):
    (tmp_path / "ldconfig").unlink()
    if lacking == "apt-get":
        (tmp_path / "apt-get").unlink()
    sudo = {"rights": False, "sudo": None, "apt-get": True}[lacking]
    done = machine("sshd", sudo=sudo, asked=asked)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = [line for line in done.stderr.splitlines() if "make test" in line]
    assert "as root: apt-get" in line
    assert line.endswith("install chromium libatomic1 nginx-light strace")
    assert log(tmp_path) == []


def test_make_asks_for_them_before_anything_else(tmp_path):
    """Without a right to install, `make test` ends before it sets up, checks or tests."""
    put(tmp_path, "sh", 'echo "sh $*"; exit 1')
    done = subprocess.run(
        ["make", "--no-print-directory", "test"], cwd=ROOT,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "MAKEFLAGS": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == "sh checks/system_packages.sh --may-install\n"
