"""The page in a real browser: Chromium drops, pastes and clicks as a person would."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import ROOT
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def address(running) -> str:
    return f"http://127.0.0.1:{running.port}"


CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "the tests need Debian's package chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *CAMERA]
        )
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
    browser, address, tmp_path, huge_png
):
    page = open_page(browser, address)
    upload(page, ROOT / "samples/nobody.jpg")
    expect(page.locator(".problem[role=status]")).to_contain_text("No face found.")
    for content, words in (
        (huge_png(9000), "81 million pixels, more than the 50 million"),
        (b"no picture", "no picture"),
    ):
        file = tmp_path / "file.png"
        file.write_bytes(content)
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


COPY = """async url => {
    const image = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d').drawImage(image, 0, 0);
    const png = await new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
    await navigator.clipboard.write([new ClipboardItem({'image/png': png})]);
}"""


def test_a_picture_from_the_clipboard_is_looked_at(browser, address):
    page = open_page(browser, address, permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(COPY, "/gradio_api/file=happiness.jpg")
    page.locator("#given button[aria-label='Paste from clipboard']").click()
    expect(page.locator(".face")).to_have_count(1)


def test_a_picture_of_the_camera_is_looked_at(browser, address):
    """Chromium's own: a clock on green."""
    page = open_page(browser, address, permissions=["camera"])
    page.locator("#given button[aria-label='Capture from camera']").click()
    page.get_by_role("button", name="Click to Access Webcam").click()
    # Gradio offers the button before the camera has given a picture, and then sends none.
    page.wait_for_function("document.querySelector('#given video')?.videoWidth > 0")
    page.locator("#given button[aria-label='capture photo']").click()
    expect(page.locator("#answer .problem[role=status]")).to_contain_text("No face found.")


def test_names_of_a_model_are_text(browser, hostile_page):
    page = open_page(browser, f"http://127.0.0.1:{hostile_page.port}")
    for sample in ("happiness", "nobody"):
        upload(page, ROOT / f"samples/{sample}.jpg")
        expect(page.locator(".answer[role=status]")).to_be_visible()
    expect(page.locator("#card")).to_contain_text("<script>hacked=1</script>")
    assert page.evaluate("window.hacked") is None


def test_only_this_machine_is_answered(address):
    port = int(address.rsplit(":", 1)[1])
    listening = Path("/proc/net/tcp").read_text(encoding="ascii")
    bound = [line.split()[1] for line in listening.splitlines()[1:] if f":{port:04X} " in line]
    assert f"0100007F:{port:04X}" in bound
    assert f"00000000:{port:04X}" not in bound
