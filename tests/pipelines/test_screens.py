"""A run and its artifact, as people see them: Prefect's pages of a real server, in a real Chromium."""

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
RUN = "import sys; from pipelines.import_files import import_files; import_files(*sys.argv[1:])"
LEAVES = "[...document.querySelectorAll('*')].filter(e => e.children.length === 0)"


def test_an_operator_finds_a_refused_file_and_its_reason(
    store: Path, sample: Path, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox" / "file" / "batch-manual" / "7"
    inbox.mkdir(parents=True)
    shutil.copy(sample / "imports" / "batch-manual-wacca-bento.json", inbox)
    (inbox / "broken.json").write_text("{}")
    port, log = free_port(), tmp_path / "prefect.log"
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--no-services"]
    command += ["--port", str(port)]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=said, stderr=said, start_new_session=True
        )
    with ended_with(process):
        answering(f"{url}/api/health", process, log)
        flow = [sys.executable, "-c", RUN, store, tmp_path / "inbox"]
        done = subprocess.run(flow, env=environment, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        with browsing(f"{url}/runs", tmp_path / "profile") as page:
            page.resize(1100, 900)
            find = f"{LEAVES}.find(e => e.innerText?.startsWith('2 files: '))"
            page.until(f"{find} !== undefined")
            assert "1 refused file" in page.js(f"{find}.innerText")
            page.js(f"({find}.closest('a') ?? {find}).click()")
            page.until("location.pathname.includes('/flow-run/')")
            page.until("document.body.innerText.includes('Task Runs')")
            page.js(f"{LEAVES}.filter(e => e.innerText === 'Artifacts').forEach(e => e.click())")
            page.until("document.body.innerText.includes('import-refused')")
            page.screenshot(tmp_path / "run.png")
            page.js(f"{LEAVES}.find(e => e.innerText === 'import-refused').click()")
            page.until("document.body.innerText.includes('broken.json')")
            page.screenshot(tmp_path / "refused.png")
