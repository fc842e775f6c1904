"""The page of a study in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from tests.report.test_browser import CHROMIUM, measured
from tests.studies.test_file import documented
from tests.studies.test_results import finished


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
def test_page_fits_a_desktop_and_a_phone(tmp_path: Path) -> None:
    path = tmp_path / "lenet-digits.yaml"
    path.write_text(documented(), encoding="utf-8")
    page = RunDir(finished(path).folder.path)  # its report.html
    for width in (1280, 390):
        found = measured(tmp_path, page, width)
        assert found["inside"] == width and found["needed"] <= width and found["beyond"] == []
        assert found["heading"] == "LeNet-5 and a small network on digits"
