"""The command line as a whole: what its commands say, and how they end, in this process."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import cv2
import pytest
from helpers import ROOT, export

from expressions.commands import cli
from expressions.prediction.video_file import write_video

SAMPLE = str(ROOT / "samples/happiness.jpg")


class Ended(NamedTuple):
    code: object
    out: str
    err: str


@pytest.fixture
def command(monkeypatch, capsys, tmp_path) -> Callable[..., Ended]:
    """Run `expressions` with some arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["expressions", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Ended(end.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return export(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json", "--csv", "a.jpg"], "--json and --csv exclude each other. Take one of them."),
        (["--fps", "2", "--every", "2", "a.jpg"], "--fps and --every exclude each other."),
        ([], "There is nothing to look at. Name pictures, or a camera: --camera 0."),
        (["."], "There is no picture and no video in .; passed over: 1 (neither picture nor video"),
        (["--model", "none", SAMPLE], "none holds no model.json, so it is no exported model."),
    ],
)
def test_predict_says_what_is_wrong_in_one_line(command, tmp_path, arguments, told):
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    ended = command("predict", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: {told}")
    assert ended.err.count("\n") == 1


def test_predict_says_what_it_passes_over_and_which_model_it_takes(
    command, model, tmp_path, monkeypatch
):
    shutil.copy(SAMPLE, tmp_path)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    monkeypatch.setattr("expressions.prediction.recognizer.default_folder", lambda: model)
    ended = command("predict", ".", "--json")
    assert ended.code == 0
    [line] = ended.out.splitlines()
    assert json.loads(line)["source"] == "happiness.jpg"
    note, reference = ended.err.splitlines()[:2]
    assert note == "note: 1 files to look at; passed over: 1 (neither picture nor video)."
    assert reference == (
        f"note: there is no reference model here; this is {model}, trained on nothing."
    )
    assert command("predict", ".", "--csv", "--quiet").err == ""


def test_predict_ends_with_its_own_code_when_it_is_stopped(command, model, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("expressions.prediction.predictor.Predictor.run", stop)
    ended = command("predict", SAMPLE, "--model", model)
    assert (ended.code, ended.err) == (130, "Stopped; what is written until here is complete.\n")


def test_a_camera_that_is_not_there_is_one_line(command, model):
    ended = command("predict", "--camera", 97, "--model", model)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: There is no camera 97 that can be read.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["measure", "a", "b\x1b[31m"], r"b\x1b[31m"),
        (["predict", "-\x1b[31m.jpg"], r"-\x1b"),
        (["\x1b[31m"], r"\x1b[31m"),
        (["--\x1b[31m"], r"--\x1b[31m"),
        (["predict", "--every", "\x1b[31m", "a"], "Invalid value"),
    ],
)
def test_arguments_cannot_move_the_cursor(command, arguments, told):
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "\x1b" not in ended.err
    assert told in ended.err


def test_the_page_serves_what_it_was_told_to(command, model, monkeypatch):
    served = []
    monkeypatch.setattr("expressions.prediction.recognizer.default_folder", lambda: model)
    monkeypatch.setattr(
        "expressions.prediction.page.server.serve", lambda *given: served.append(given)
    )
    ended = command("app", "--port", 7999, "--no-open", "--allow-host", "a.example")
    assert ended.code == 0
    assert "there is no reference model here" in ended.err
    [(recognizer, listener, *rest)] = served
    assert recognizer.folder == model
    assert rest == ["127.0.0.1", ["a.example"], False]
    assert listener.fileno() == -1, "closed"


def test_use_keep_and_export_say_what_they_did(command, tmp_path, monkeypatch):
    folder = tmp_path / "models" / "a\x1b"
    folder.mkdir(parents=True)
    (folder / "model.tflite").write_bytes(b"12345")
    # In the place of the modules, which load TensorFlow.
    modules = {"use": {"use_files": lambda _: ["fer2013"]}, "keep": {"keep": lambda _: folder},
               "export": {"export": lambda given: [given / "model.tflite"]}}  # fmt: skip
    for name, its in modules.items():
        monkeypatch.setitem(sys.modules, f"expressions.commands.{name}", SimpleNamespace(**its))
        monkeypatch.setattr(f"expressions.commands.{name}", SimpleNamespace(**its), raising=False)
    use, keep, written = command("use", "."), command("keep", "a"), command("export", folder)
    assert (use.code, keep.code, written.code) == (0, 0, 0)
    assert use.out.startswith("params.yaml: source: files, datasets: [fer2013]\nIt differs from")
    shown = str(folder).replace("\x1b", "\\x1b")
    assert keep.out == f"{shown} is complete. Commit it to git.\n"
    assert written.out == f"{shown}/model.tflite: 5 bytes, those of the kept run\n"


def test_verify_needs_a_lock(command, tmp_path):
    ended = command("verify")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: There is no dvc.lock in {tmp_path}. Go to the folder of the repository.\n"
    )


@pytest.mark.parametrize("content", ["", "stages: [", "\x00", "[]"])
def test_verify_says_that_the_lock_is_damaged(command, tmp_path, content):
    (tmp_path / "dvc.lock").write_text(content, encoding="utf-8")
    assert command("verify") == (
        1, "", "error: dvc.lock is damaged. `git restore dvc.lock` brings it back.\n"
    )  # fmt: skip


def test_verify_lists_what_is_damaged(command, tmp_path, monkeypatch):
    (tmp_path / "dvc.lock").write_text(
        "stages:\n  one:\n    outs:\n    - path: out.csv\n      md5: abc\n", encoding="utf-8"
    )
    (tmp_path / "out.csv").write_bytes(b"x")
    broken = tmp_path / "cache/files/md5/12/3"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"x")
    monkeypatch.setattr(
        "expressions.pipeline.integrity.output_of", lambda *_, **__: f"{tmp_path}/cache\n"
    )
    ended = command("verify")
    assert (ended.code, ended.err) == (1, "")
    md5 = "9dd4e461268c8034f5c8564e155c67a6"
    assert ended.out.splitlines() == [
        f"removed {broken}: its MD5 is {md5}",
        f"out.csv: its MD5 is {md5}, dvc.lock says abc",
        "1 damaged in the cache, 1 outputs unlike dvc.lock",
    ]
    assert not broken.exists()


def missing(name: str) -> Callable[..., None]:
    def act(*_: object) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    return act


def test_a_package_that_is_missing_is_named(command, monkeypatch):
    monkeypatch.setattr("expressions.commands.use.use_files", missing("ruamel.yaml"))
    assert command("use", ".") == (
        1,
        "",
        (
            "error: the package ruamel.yaml is missing. The page needs `pip install '.[app]'`, "
            "all other commands the whole project: `make setup` in a clone.\n"
        ),
    )
    monkeypatch.setattr("expressions.commands.use.use_files", missing("expressions.nothing"))
    monkeypatch.setattr(sys, "argv", ["expressions", "use", "."])
    with pytest.raises(ModuleNotFoundError):
        cli.main()


def test_what_the_system_refuses_is_one_line(command, tmp_path, model):
    (tmp_path / "file").touch()
    ended = command("predict", SAMPLE, "--model", model, "--annotate", "file/out")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error: file/out cannot be written to: Not a directory. A file stands where a folder is "
        "expected; name another place.\n"
    )
    ended = command("predict", SAMPLE, "--model", model, "--annotate", "x" * 300)
    assert (ended.code, ended.out) == (1, "")
    assert "cannot be written to: File name too long. Take a shorter one" in ended.err
    ended = command("predict", "x" * 300, SAMPLE, "--quiet", "--model", model, "--json")
    first, second = map(json.loads, ended.out.splitlines())
    assert (ended.code, ended.err) == (1, "")
    assert first["error"].startswith("File name too long. Take a shorter one")
    assert len(second["faces"]) == 1


def put_film(path: Path, frames: int) -> None:
    with write_video(path, 25) as write:
        for number in range(frames):
            write(cv2.imread(SAMPLE), number / 25)
    content = path.read_bytes()
    # Without the mark of what was annotated.
    path.write_bytes(content[: content.rindex(b"free") - 4])


def test_a_film_is_told_to_its_end_where_it_cannot_be_annotated(
    command, tmp_path, model, monkeypatch
):
    put_film(tmp_path / "a.mp4", 12)
    shutil.copy(SAMPLE, tmp_path / "b.jpg")
    # FFmpeg opens nothing there, nor does Matplotlib write.
    (tmp_path / "out/.a.partial.png").mkdir(parents=True)
    monkeypatch.setattr("cv2.VideoWriter.isOpened", lambda _: False)
    ended = command(
        "predict", "a.mp4", "b.jpg", "-q", "--json", "--annotate", "out", "--model", model
    )
    assert (ended.code, ended.err) == (1, "")
    *frames, film, plot, photo = map(json.loads, ended.out.splitlines())
    assert [frame["frame"] for frame in frames] == list(range(12))
    assert all(len(frame["faces"]) == 1 for frame in frames)
    assert film["error"].startswith("out/a.mp4 cannot be written: ")
    assert plot["error"].startswith("out/a.png cannot be written: ")
    assert len(photo["faces"]) == 1
    assert (tmp_path / "out/b.jpg").is_file()


def test_names_of_any_kind_reach_no_terminal_raw(command, tmp_path, model):
    names = [
        "a\x1b[2Jb.jpg",
        "a\x9b31mb.jpg",
        "a\u202eb.jpg",
        "a\nb.jpg",
        "a\udce9b.jpg",
        "\U000e0001.jpg",
    ]
    for name in names:
        shutil.copy(SAMPLE, tmp_path / name)
    (tmp_path / "\x1bc.jpg").write_bytes(b"")
    put_film(tmp_path / "\x1bf.mp4", 1)
    for form in ([], ["--csv"], ["--json"]):
        ended = command("predict", ".", "--annotate", "out\x1b", "--model", model, *form)
        assert ended.code == 1
        shown = ended.out + ended.err.replace("\r", "")
        assert shown.replace("\n", "").isprintable(), form
        shutil.rmtree(tmp_path / "out\x1b")
    lines = ended.out.splitlines()
    assert {json.loads(line)["source"] for line in lines} == {*names, "\x1bc.jpg", "\x1bf.mp4"}


def test_names_of_a_model_reach_no_terminal_raw_and_no_cell_as_a_formula(command, tmp_path):
    classes = ["=1+1", "+1", "-1", "@x", "\t=1", "\x1b[2J", "＝1"]
    hostile = export(tmp_path / "model", classes=classes)
    table = command("predict", SAMPLE, "--quiet", "--model", hostile)
    assert table.out.replace("\n", "").isprintable()
    ended = command("predict", SAMPLE, "--quiet", "--csv", "--model", hostile)
    assert ended.out.replace("\n", "").isprintable()
    header, row = ended.out.splitlines()
    cells = [*header.split(","), row.split(",")[9]]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@＝\t"))]
    assert "\\t=1" in cells


@pytest.mark.parametrize("name", ["predict", "measure"])
def test_json_is_utf_8_on_every_terminal(tmp_path, model, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    shutil.copy(SAMPLE, tmp_path / "é.jpg")
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    monkeypatch.setattr(
        "expressions.commands.measure.run", lambda path, *_: print(f'{{"source": "{path}"}}')
    )
    options = ["--model", str(model), "--json", "--quiet"]
    monkeypatch.setattr(sys, "argv", ["expressions", name, "é.jpg", *options])
    with pytest.raises(SystemExit):
        cli.main()
    assert json.loads(written.getvalue().decode("utf-8"))["source"] == "é.jpg"
