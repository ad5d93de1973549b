"""`expressions use`: the files are linked, `params.yaml` says so, and nothing else changes."""

import gzip
import lzma
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, Repository
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from expressions.commands.use import set_values, use_files
from expressions.datasets.layouts import fer2013, iefdb
from expressions.datasets.sources.source_files import FILES
from expressions.errors import InputError

ORIGINS = [file.origin for file in (*fer2013.FILES, *iefdb.FILES)]
WANTED = {"source": "files", "datasets": ["fer2013"]}


@pytest.fixture
def in_folder(tmp_path, monkeypatch) -> Path:
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PACK = {".gz": gzip.compress, ".xz": lzma.compress}


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        pack = PACK.get(Path(name).suffix, bytes)
        (folder / name).write_bytes(pack(b"some text"))
    return folder


def test_use_links_the_files_and_changes_two_lines_of_the_parameters(in_folder):
    data = put(in_folder / "mine", "fer2013.csv", "fer2013new.csv")
    before = (in_folder / "params.yaml").read_text(encoding="utf-8")
    assert use_files(data) == ["fer2013"]
    linked = FILES / "fer2013"
    assert sorted(p.name for p in linked.iterdir()) == ["fer2013.csv", "fer2013new.csv"]
    after = (in_folder / "params.yaml").read_text(encoding="utf-8")
    assert load(after) == load(before) | WANTED
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line.split(":")[0] for line in changed] == ["source", "datasets"]


def test_use_takes_iefdb_when_it_is_there(in_folder):
    names = ("icml_face_data.csv.xz", "fer2013new.csv.gz", "ImageDescriptionWEmotions.csv")
    data = put(in_folder / "mine", *names)
    shutil.make_archive(str(data / "Original"), "zip", data, "fer2013new.csv.gz")
    assert use_files(data) == ["fer2013", "iefdb"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("fer2013.csv", b"version https://git-lfs.github.com/spec/v1\n", "pointer of Git LFS"),
        ("fer2013", b"emotion,pixels,Usage\n", "fer2013 is a plain file.*give its name the ending"),
        ("train.csv", b"emotion,pixels\n", r"Found: fer2013new\.csv, train\.csv"),
    ],
)
def test_a_file_that_is_not_the_one_is_named(in_folder, name, content, message):
    data = put(in_folder / "mine", "fer2013new.csv")
    (data / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        use_files(data)
    assert not FILES.exists()


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ((), "icml_face_data.csv or fer2013.csv is missing"),
        (("fer2013.csv",), "fer2013new.csv is missing"),
        (
            ("fer2013.csv", "fer2013new.csv", "ImageDescriptionWEmotions.csv"),
            "Original.zip is missing",
        ),
    ],
)
def test_a_missing_file_is_named_with_where_to_get_it_and_where_to_put_it(
    in_folder, names, missing
):
    data = put(in_folder / "mine", *names)
    with pytest.raises(InputError, match=missing) as error:
        use_files(data)
    assert str(data) in str(error.value)
    assert any(origin in str(error.value) for origin in ORIGINS)
    assert not FILES.exists()


def load(text: str) -> dict:
    return YAML(typ="safe").load(text.removeprefix("\ufeff"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "source: demo # a\ndatasets: [x, y] # b\n",
            "source: files # a\ndatasets: [fer2013] # b\n",
        ),
        ('"source": demo\ndatasets: [x]\n', '"source": files\ndatasets: [fer2013]\n'),
        ("source: demo\r\ndatasets: [x]\r\n", "source: files\r\ndatasets: [fer2013]\r\n"),
        (
            "source: demo\ndatasets: [ # b\n  x, # a\n  y,\n] # c\n# d\nz: 1\n",
            "source: files\n# b\n# a\ndatasets: [fer2013] # c\n# d\nz: 1\n",
        ),
        (
            "source: demo\ndatasets: # a\n  - x # b\n  # c\n  - y # d\n# e\n\nz: 1\n",
            "source: files\n# b\n# c\ndatasets: # a\n  - fer2013 # d\n# e\n\nz: 1\n",
        ),
        ("source: demo\ndatasets:\n- x\n- y\n", "source: files\ndatasets:\n- fer2013\n"),
        ("source: demo\ndatasets:\nz: 1e-05\n", "source: files\ndatasets: [fer2013]\nz: 1e-05\n"),
        (
            "datasets: x\nz: .nan\nsource:\n  demo\n",
            "datasets: [fer2013]\nz: .nan\nsource:\n  files\n",
        ),
        ("{source: demo, datasets: [x]}", "{source: files, datasets: [fer2013]}"),
        (
            "\ufeffsource: demo\ndatasets: [x]",
            "\ufefffiles".replace("files", "source: files") + "\ndatasets: [fer2013]",
        ),
    ],
)
def test_two_values_change_in_every_way_to_write_them(before, after):
    assert set_values(before, WANTED) == after
    assert load(after) == load(before) | WANTED or "nan" in after


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("datasets: [x]\n", "there is no source"),
        ("source: demo\nsource: demo\ndatasets: [x]\n", "line 2.*duplicate key"),
        ("source: demo\ndatasets: [x\n", "line"),
        ("source: demo\nx: &a [x]\ndatasets: *a\n", "datasets cannot be changed alone"),
        ("source: &a demo\ndatasets: [x]\nx: *a\n", "cannot be changed alone"),
        ("source: demo\n---\ndatasets: [x]\n", "document"),
        ("- source\n", "is no mapping"),
        ("", "is no mapping"),
    ],
)
def test_a_file_that_cannot_be_changed_stays_as_it_is(in_folder, text, message):
    (in_folder / "params.yaml").write_text(text, encoding="utf-8")
    data = put(in_folder / "mine", "fer2013.csv", "fer2013new.csv")
    with pytest.raises(InputError, match=message) as error:
        use_files(data)
    assert "\n" not in str(error.value)
    assert (in_folder / "params.yaml").read_text(encoding="utf-8") == text
    assert not FILES.exists()


WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
COMMENTS = st.from_regex(r"( # [a-z:,\[\]{}#'\"-]{0,8})?", fullmatch=True)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a `params.yaml` in many ways to write it."""
    names = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))
    comment = [draw(COMMENTS) for _ in range(len(names) + 3)]
    indent = draw(st.sampled_from(["", "  ", "    "]))
    style = draw(st.sampled_from(["flow", "lines", "items"]))
    if style == "flow":
        listed = f" [{', '.join(names)}]{comment[0]}"
    elif style == "lines":
        inner = "".join(f"\n  {name},{its}" for name, its in zip(names, comment, strict=False))
        listed = f" [{inner}\n  ]{comment[-1]}"
    else:
        inner = "".join(f"\n{indent}- {n}{its}" for n, its in zip(names, comment, strict=False))
        listed = f"{comment[-1]}{inner}"
    parts = [f"source: demo{comment[-2]}", f"datasets:{listed}", f"train:{comment[-3]}\n  a: 0.1"]
    text = "\n".join(draw(st.permutations(parts))) + draw(
        st.sampled_from(["", "\n", "\n\n# end\n"])
    )
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(documents())
def test_any_document_keeps_its_comments_and_its_other_values(text):
    changed = set_values(text, WANTED)
    assert load(changed) == load(text) | WANTED
    comments = sorted(line.partition(" #")[2].strip() for line in text.splitlines() if " #" in line)
    kept = sorted(
        part.strip()
        for line in changed.splitlines()
        for part in [(" " + line).partition(" #")[2]]
        if " #" in " " + line
    )
    assert [c for c in comments if c not in kept] == []
    assert changed.count("\r\n") == changed.count("\n") or "\r\n" not in text


def test_the_command_line_ends_with_one_message_and_exit_code_1(in_folder):
    done = subprocess.run(
        [Path(sys.executable).parent / "expressions", "use", "nowhere"],
        cwd=in_folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "nowhere is no folder" in done.stderr


@pytest.mark.pipeline
def test_a_run_on_a_branch_of_its_own_leaves_main_as_it_was(finished: Repository, tmp_path):
    """As README says: switch, run, commit, switch back, check out."""
    for path in (finished.folder / "data/raw/fer2013").iterdir():
        shutil.copyfile(path, tmp_path / path.name)
    before = finished.lock()
    finished.run("git", "switch", "--quiet", "-c", "real")
    finished.run("expressions", "use", str(tmp_path))
    finished.repro("arrays")
    changed = {line.split()[-1] for line in finished.run("git", "status", "-s").stdout.splitlines()}
    assert changed == {"params.yaml", "dvc.lock", "metrics/data.json"}
    finished.run("git", "commit", "--quiet", "--all", "--message", "real")
    finished.run("git", "switch", "--quiet", "main")
    finished.run("dvc", "checkout")
    assert finished.run("git", "status", "--porcelain").stdout == ""
    assert finished.lock() == before
    assert "changed" not in finished.run("dvc", "status").stdout
    finished.run("git", "branch", "-D", "real")
    shutil.rmtree(finished.folder / "data/source/files")
