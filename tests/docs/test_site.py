"""The documentation as pages: it builds without a warning and asks no other server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

ADDRESS = re.compile(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
        capture_output=True,
    )
    return folder


def test_the_site_has_every_page(site):
    for page in (ROOT / "docs").glob("*.md"):
        built = site / ("" if page.stem == "index" else page.stem) / "index.html"
        title = page.read_text("utf-8").splitlines()[0].removeprefix("# ")
        assert f">{title}<" in built.read_text("utf-8")
    assert not list(site.rglob("*.py"))


def test_the_site_asks_no_other_server(site):
    for page in site.rglob("*.html"):
        loaded = ADDRESS.findall(page.read_text("utf-8"))
        assert loaded
        assert [a for a in loaded if "//" in a] == [], page
        assert 'class="mermaid"' not in page.read_text("utf-8"), "its script lies elsewhere"
