"""A notebook in a real JupyterLab, in a real Chromium. A screenshot is left in the folder of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.chromium import answering, browsing, ended_with, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium"),
]
ROOT = Path(__file__).parents[2]
NAME = "01-what-happened-in-an-import.ipynb"
OUTPUTS = "[...document.querySelectorAll('.jp-OutputArea-output')]"


def test_a_notebook_runs_and_shows_its_tables(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "lab.log"
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    shutil.copy(ROOT / "notebooks" / NAME, notebooks)
    folders = {f"JUPYTER_{n}_DIR": str(tmp_path / n.lower()) for n in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += [f"--ServerApp.root_dir={notebooks}", "--IdentityProvider.token="]
    command += ["--LabApp.expose_app_in_browser=True"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=notebooks,
            env={**os.environ, **folders, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    with ended_with(process):
        answering(f"{url}/api", process, log)
        with browsing(f"{url}/lab/tree/{NAME}", tmp_path / "profile") as page:
            page.resize(1200, 900)
            page.until("window.jupyterapp !== undefined")
            page.until("document.querySelectorAll('.jp-Notebook .jp-Cell').length > 3")
            page.until("document.body.innerText.includes('Python 3 (ipykernel) | Idle')")
            page.js("jupyterapp.commands.execute('notebook:run-all-cells')")
            page.until(f"{OUTPUTS}.some(out => out.innerText.includes('SongOrChartNotFound'))", 45)
            assert (
                page.js(f"{OUTPUTS}.filter(out => out.dataset.mimeType?.includes('error'))") == []
            )
            page.screenshot(tmp_path / "lab.png")
