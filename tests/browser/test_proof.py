"""The auditor seals nothing and changes nothing: she verifies, takes a case with her as a file, and checks it elsewhere."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from engine.worker import daily_seal
from tests.browser.site import Site
from tests.browser.test_effect import refunded


@pytest.mark.timeout(300)
def test_a_case_is_taken_along_as_a_sealed_file_and_checked_offline(site: Site, tmp_path: Path) -> None:
    case = refunded(site, 1, 120.0)
    daily_seal(site.app)
    page = site.sign_in("shen.ke")
    page.goto("/audit/proof")
    page.get_by_role("button", name="Verify all histories now").click()
    expect(page.get_by_role("status")).to_contain_text("Proven", timeout=30_000)
    expect(page.get_by_role("status")).to_contain_text("and with seal 1")
    assert not Axe().run(page).response["violations"]

    page.goto(f"/cases/{case}")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Sealed file").click()
    file = tmp_path / waited.value.suggested_filename
    waited.value.save_as(file)
    assert file.name == f"{case}.zip"
    zipfile.ZipFile(file).extract("verify.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", file.name],
        env={},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert f"EVERYTHING HOLDS: case {case} is as it was recorded." in done.stdout
