"""The page in a real browser: Chromium drops, pastes and clicks as a person would."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import ROOT, export
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """The page of a server of its own, with an untrained model."""
    port = free_port()
    temporary = tmp_path_factory.mktemp("temporary")
    command = [
        Path(sys.executable).parent / "expressions", "app", "--no-open", "--port", str(port),
        "--model", export(tmp_path_factory.mktemp("model")),
    ]  # fmt: skip
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, process)
        yield address
        process.terminate()
        process.wait(timeout=20)


def wait_for(address: str, process: subprocess.Popen[str]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"{address} does not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "the tests need Debian's package chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_page(browser: Browser, address: str, **options) -> Page:
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(40_000)
    expect.set_options(timeout=40_000)
    page.goto(address)
    page.wait_for_selector("#given input[type=file]", state="attached")
    return page


def upload(page: Page, *files: Path) -> None:
    page.set_input_files("#given input[type=file]", [str(file) for file in files])


def huge_png(path: Path, side: int = 9000) -> Path:
    """A grey PNG of a few kilobytes that claims `side` squared pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes(side * (1 + side // 8)), 9)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    path.write_bytes(png)
    return path


def test_a_picture_gives_faces_with_bars_and_nothing_leaves_the_machine(browser, address):
    asked: list[str] = []
    page = browser.new_context().new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("#given input[type=file]", state="attached")
    upload(page, ROOT / "samples/group.jpg")
    expect(page.locator(".face")).to_have_count(3, timeout=40_000)
    expect(page.locator(".found")).to_have_text("3 faces found, the largest first.")
    bars = page.locator(".face").first.locator(".bar")
    assert bars.count() == 7
    shares = [float(text.split()[-2]) for text in bars.all_inner_texts()]
    assert abs(sum(shares) - 100) <= 3
    page.wait_for_function("document.querySelector('#drawn img')?.naturalWidth === 1080")
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def test_a_picture_without_a_face_and_files_that_are_none_get_clear_words(
    browser, address, tmp_path
):
    page = open_page(browser, address)
    upload(page, ROOT / "samples/nobody.jpg")
    expect(page.locator(".problem[role=status]")).to_contain_text("No face found.")
    for file, words in (
        (huge_png(tmp_path / "huge.png"), "81 million pixels, more than the 50 million"),
        (tmp_path / "broken.png", "no picture"),
    ):
        if not file.exists():
            file.write_bytes(b"no picture")
        page = open_page(browser, address)
        upload(page, file)
        expect(page.locator("body")).to_contain_text(words)
        assert page.locator(".face").count() == 0


def test_a_file_that_is_too_large_is_refused(browser, address, tmp_path):
    large = tmp_path / "large.jpg"
    large.write_bytes((ROOT / "samples/fear.jpg").read_bytes() + bytes(16_000_000))
    page = open_page(browser, address)
    upload(page, large)
    expect(page.locator("body")).to_contain_text("exceed the maximum allowed size of 15")
    assert page.locator(".face").count() == 0


def test_the_keyboard_alone_is_enough(browser, address):
    """Tab to a sample, Enter, and the answer is there."""
    page = open_page(browser, address)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#samples, .gallery-item') !== null"):
            break
    else:
        pytest.fail("Tab does not reach the samples")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is not to be seen"
    page.keyboard.press("Enter")
    expect(page.locator(".face")).to_have_count(1)


def test_a_narrow_screen_shows_the_answer_before_the_card_and_does_not_scroll_sideways(
    browser, address
):
    page = open_page(
        browser, address, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    )
    upload(page, ROOT / "samples/surprise.jpg")
    expect(page.locator(".face")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tops = [
        page.locator(name).bounding_box()["y"] for name in ("#given", "#drawn", "#answer", "#card")
    ]
    assert tops == sorted(tops)


def test_the_card_says_what_the_model_is(browser, address):
    page = open_page(browser, address)
    expect(page.locator("#card")).to_contain_text("This is not the reference model")
    expect(page.locator("#card")).to_contain_text("A posed expression is not a feeling")


def test_only_this_machine_is_answered(address):
    port = int(address.rsplit(":", 1)[1])
    listening = Path("/proc/net/tcp").read_text(encoding="ascii")
    bound = [line.split()[1] for line in listening.splitlines()[1:] if f":{port:04X} " in line]
    assert f"0100007F:{port:04X}" in bound
    assert f"00000000:{port:04X}" not in bound
