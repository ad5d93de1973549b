"""The same bytes where git is set to end lines as Windows does: hashes in `dvc.lock` hold there."""

import shutil

import pytest
from helpers import Repository

AS_WINDOWS = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf")


@pytest.mark.pipeline
def test_a_clone_with_other_line_ends_has_nothing_to_do(finished, tmp_path):
    folder = tmp_path / "clone"
    finished.run("git", "clone", "--quiet", *AS_WINDOWS, str(finished.folder), str(folder))
    shutil.copytree(finished.folder / ".dvc/cache", folder / ".dvc/cache")
    clone = Repository(folder)
    clone.run("dvc", "checkout")
    assert clone.run("dvc", "status").stdout == "Data and pipelines are up to date.\n"
    assert clone.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.pipeline
def test_every_file_that_git_takes_for_binary_is_marked(finished):
    """Else git might take one without a zero byte for text one day."""
    listed = finished.run("git", "ls-files", "--eol").stdout.splitlines()
    unmarked = [line for line in listed if line.startswith("i/-text") and "attr/-text" not in line]
    assert unmarked == []
