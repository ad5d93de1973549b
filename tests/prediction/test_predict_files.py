"""`expressions predict` on folders as people have them: nothing is lost or left unsaid."""

import csv
import hashlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import ROOT, export
from PIL import Image, ImageEnhance

from expressions.prediction.video_file import write_video


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return export(tmp_path_factory.mktemp("model"))


@pytest.fixture
def predict(model, tmp_path, monkeypatch):
    """Run the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).parent / "expressions", "predict", "--model", model]
        return subprocess.run(
            [*command, *arguments], capture_output=True, text=True, check=False, **options
        )

    return run


def put(*names: str, sample: str = "happiness") -> None:
    picture = cv2.imread(str(ROOT / f"samples/{sample}.jpg"))
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        suffix = path.suffix if path.suffix in (".png", ".bmp") else ".jpg"
        path.write_bytes(cv2.imencode(suffix, picture)[1].tobytes())


def put_video(name: str, frames: int = 30, sample: str = "happiness") -> None:
    picture = cv2.imread(str(ROOT / f"samples/{sample}.jpg"))
    with write_video(Path("made.mp4").absolute(), 25) as write:
        for number in range(frames):
            write(np.roll(picture, number % 5, axis=1), number / 25)
    content = Path("made.mp4").read_bytes()
    Path("made.mp4").unlink()
    # Without the mark of what was annotated.
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content[: content.rindex(b"free") - 4])


def hashes() -> dict[str, str]:
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path().rglob("*")
        if path.is_file()
    }


def lines(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


# Nothing that was there is lost.


@pytest.mark.parametrize(
    "arguments",
    [
        ["photos", "--annotate", "photos"],
        ["photos/talk.mp4", "--annotate", "photos"],
        ["photos/talk.mp4", "photos/party.jpg", "--annotate", "./photos/../photos"],
        [".", "--annotate", "."],
        ["photos", "--annotate", "out"],
    ],
)
def test_no_file_that_was_there_is_changed_and_outputs_are_no_sources(predict, arguments):
    put("photos/party.jpg", "photos/party.png", "out/party.jpg")
    put_video("photos/talk.mp4", 5)
    Path("photos/talk.png").write_bytes(b"my own plot")
    before = hashes()
    runs = [predict("--json", "--quiet", *arguments) for _ in range(2)]
    first, second = (len(lines(done)) for done in runs)
    assert first == second > 0
    after = hashes()
    assert {path: after[path] for path in before} == before
    assert len(after) > len(before)


def test_names_are_told_apart_by_what_they_become(predict):
    put("set/a.jpg", "set/a.png", "set/a-2.jpg", "set/A.jpg", "set/sub/a.bmp")
    assert predict("set", "--annotate", "out").returncode == 0
    made = [path.relative_to("out").as_posix() for path in Path("out").rglob("*.jpg")]
    assert len(made) == len({name.casefold() for name in made}) == 5
    assert "sub/a.jpg" in made


def test_what_has_another_name_is_said(predict):
    put("a.jpg", "out/a.jpg")
    done = predict("a.jpg", "--annotate", "out")
    assert "note: 1 of the names in out are taken" in done.stderr
    assert "a-2.jpg" in done.stderr


@pytest.mark.parametrize("source", ["a.jpg", "a.mp4"])
def test_a_disk_that_fills_is_said_leaves_all_as_it_was_and_the_next_file_follows(predict, source):
    noise = np.random.default_rng(1).integers(0, 256, (1600, 1600, 3), np.uint8)
    cv2.imwrite("a.jpg", noise)
    with write_video(Path("a.mp4").absolute(), 25) as write:
        for number in range(25):
            write(np.roll(noise[:480, :640], number, axis=1), number / 25)
    before = hashes()

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    put("next.jpg")
    done = predict("--json", "-q", source, "next.jpg", "--annotate", "out", preexec_fn=fill)
    assert (done.returncode, done.stderr) == (1, "")
    *_, last, following = lines(done)
    told = f"out/{Path(source).stem}{'.mp4' if source == 'a.mp4' else '.jpg'} cannot be written: "
    assert last["source"] == source
    assert last["error"].startswith(told)
    assert len(following["faces"]) == 1
    # What was seen is told all the same.
    assert len(lines(done)) == (27 if source == "a.mp4" else 2)
    after = hashes()
    assert {name: after.get(name) for name in before} == before
    assert after.keys() - before.keys() == {"next.jpg", "out/next.jpg"} | (
        {"out/a.png"} if source == "a.mp4" else set()
    )


def test_an_output_folder_that_cannot_be_made_is_one_message(predict):
    put("a.jpg")
    Path("out").write_bytes(b"a file")
    done = predict("--quiet", "a.jpg", "--annotate", "out")
    assert done.returncode == 1
    assert done.stderr == (
        "error: out cannot be written to: File exists. Name another place, or remove what stands "
        "there.\n"
    )


# Sources.


def test_a_folder_of_everything(predict):
    put("mix/noext", "mix/twitter.jfif", "mix/old.jpe", "mix/wrong.png.jpg", "mix/._twitter.jfif")
    image = Image.open(ROOT / "samples/happiness.jpg")
    image.save("mix/phone.avif")
    image.save("mix/web.jp2")
    image.save("mix/chat.gif")
    Path("mix/apple.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
    Path("mix/notes.txt").write_bytes(b"words")
    put_video("mix/clip.ts", 3)
    done = predict("--json", "mix")
    assert done.returncode == 1
    by_name = {Path(line["source"]).name: line for line in lines(done)}
    assert set(by_name) == {
        "noext", "twitter.jfif", "old.jpe", "wrong.png.jpg", "phone.avif", "web.jp2", "chat.gif",
        "apple.heic", "clip.ts",
    }  # fmt: skip
    assert "heif-convert" in by_name.pop("apple.heic")["error"]
    assert all(len(line["faces"]) == 1 for line in by_name.values())
    assert "passed over: 1 (hidden), 1 (neither picture nor video)" in done.stderr


@pytest.mark.parametrize("there", [[], ["notes.txt", "._a.jpg", "sub/table.csv"]])
def test_nothing_to_look_at_is_an_error(predict, there):
    Path("empty/sub").mkdir(parents=True)
    for name in there:
        Path("empty", name).write_bytes(b"words")
    done = predict("empty")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: There is no picture and no video in empty")
    assert ("passed over" in done.stderr) is bool(there)


ODD = [
    "2024-05-01T12:30:05.mp4", "Interview: Anna.mp4", "12:30.jpg", "-dash.jpg", "[1].jpg", "*.png",
    "a\nb.jpg", "\x1b[31mred.jpg", "caf\udce9.jpg", "caf\udce9.mp4", "$x_$.mp4", "100%d.mp4",
    "=1+1.jpg", "x" * 250 + ".jpg",
]  # fmt: skip


def test_odd_names_are_read_and_written_as_any_other(predict):
    for name in ODD:
        (put_video if name.endswith(".mp4") else put)(f"odd/{name}")
    done = predict("--json", "--quiet", "odd", "--annotate", "out", errors="surrogateescape")
    assert (done.returncode, done.stderr) == (0, "")
    found = {Path(line["source"]).name for line in lines(done) if "faces" in line}
    assert found == set(ODD)
    assert len(list(Path("out").iterdir())) == len(ODD) + sum(name.endswith(".mp4") for name in ODD)
    each = [f"odd/{name}" for name in ODD]
    named = predict("--quiet", "--", *each, errors="surrogateescape")
    assert named.returncode == 0, named.stderr
    assert "\x1b" not in named.stdout
    assert "error" not in named.stdout
    assert len(named.stdout.splitlines()) > len(ODD)


def test_names_never_reach_a_terminal_raw_nor_a_spreadsheet_as_a_formula(predict):
    put("=1+1.jpg", "\x1b[31mred.jpg")
    rows = list(csv.DictReader(io.StringIO(predict("--csv", "--", "=1+1.jpg").stdout)))
    assert rows[0]["source"] == "'=1+1.jpg"
    done = predict("\x1b[31mred.jpg", "\x1b[2Jmissing.jpg")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\\x1b[31mred.jpg" in done.stdout
    done = predict("\x1b[2Jnothing/", "--model", "\x1b[2Jmodel")
    assert "\x1b" not in done.stdout + done.stderr


# Films that are bad never end the batch, and each says so once in every form.


def put_bad_films() -> dict[str, str]:
    """Films and what is said of them."""
    put_video("films/b-good.mp4", 5)
    whole = Path("films/b-good.mp4").read_bytes()
    bad = {
        "a-empty.mp4": (b"", "no video that can be read"),
        "c-no-index.mp4": (whole[: len(whole) // 2], "no video that can be read"),
        "d-text.mov": (b"words", "no video that can be read"),
        "e-sound.mp4": (whole[:40], "no video that can be read"),
    }
    for name, (content, _) in bad.items():
        Path("films", name).write_bytes(content)
    return {name: message for name, (_, message) in bad.items()}


@pytest.mark.parametrize("form", [["--json"], ["--csv"], [], ["--json", "--annotate", "out"]])
def test_each_bad_film_is_one_line_of_error_and_the_rest_goes_on(predict, form):
    messages = put_bad_films()
    put("films/z.jpg")
    done = predict("--quiet", *form, "films")
    assert done.returncode == 1
    assert done.stderr == ""
    for name, message in messages.items():
        (line,) = [line for line in done.stdout.splitlines() if name in line]
        assert message in line
        assert "no face" not in line
    assert "films/z.jpg" in done.stdout
    if "--annotate" in form:
        assert sorted(path.name for path in Path("out").iterdir()) == [
            "b-good.mp4", "b-good.png", "z.jpg"
        ]  # fmt: skip


@pytest.mark.parametrize("form", [["--json"], ["--csv"], []])
def test_a_film_that_is_cut_gives_what_was_read_and_a_word(predict, form):
    codec = cv2.VideoWriter.fourcc(*"MJPG")
    picture = cv2.imread(str(ROOT / "samples/happiness.jpg"))
    writer = cv2.VideoWriter("whole.avi", codec, 25, picture.shape[1::-1])
    for _ in range(20):
        writer.write(picture)
    writer.release()
    content = Path("whole.avi").read_bytes()
    Path("cut.avi").write_bytes(content[: len(content) // 2])
    Path("whole.avi").unlink()
    done = predict("--quiet", *form, "cut.avi")
    assert done.returncode == 1
    assert "a video that is cut off: its frames end at" in done.stdout
    assert done.stdout.count("cut.avi") >= 2, "the error alone"
    assert "no face" not in done.stdout


def test_an_animation_is_seen_as_a_film_and_pages_are_said(predict):
    face = Image.open(ROOT / "samples/happiness.jpg")
    ground = Image.new("RGB", face.size, (120, 120, 120))
    faces = [ImageEnhance.Brightness(face).enhance(1 - step / 10) for step in range(3)]
    ground.save("hello.gif", save_all=True, append_images=faces, duration=100)
    ground.save("pages.tiff", save_all=True, append_images=[face])
    first, *others, pages = lines(predict("--json", "hello.gif", "pages.tiff"))
    assert first["faces"] == []
    assert [line["time"] for line in others] == pytest.approx([0.1, 0.2, 0.3])
    assert all(len(line["faces"]) == 1 for line in others)
    assert pages["note"] == "only the first of 2 pictures in this file was looked at"
    assert "note: only the first of 2" in predict("pages.tiff").stdout
    rows = list(csv.DictReader(io.StringIO(predict("--csv", "pages.tiff").stdout)))
    assert rows[0]["note"].startswith("only the first of 2")


def test_a_pipe_and_a_device_are_errors_and_nothing_hangs(predict):
    os.mkfifo("pipe.jpg")
    done = predict("--json", "pipe.jpg", "/dev/zero", "missing.jpg", timeout=60)
    assert [line["error"] for line in lines(done)] == [
        "a device, pipe or socket and no file"
    ] * 2 + ["No such file or directory"]


def test_a_terminal_gets_the_lines_above_the_bar(model, tmp_path):
    """Both streams are one terminal."""
    import pty

    put_into = tmp_path / "a.jpg"
    put_into.write_bytes((ROOT / "samples/happiness.jpg").read_bytes())
    (tmp_path / "b.jpg").write_bytes(put_into.read_bytes())
    leader, follower = pty.openpty()
    command = [Path(sys.executable).parent / "expressions", "predict", "--model", model, tmp_path]
    with subprocess.Popen(command, stdout=follower, stderr=follower) as process:
        os.close(follower)
        said = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            said += part
        assert process.wait(60) == 0
    os.close(leader)
    assert len(re.findall(rb"/[ab]\.jpg +\d+, \d+ ", said)) == 2
    assert b"b.jpg" in said
