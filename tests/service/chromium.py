"""A real Chromium, driven through the pipe of its debugging protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx


@dataclass
class Browser:
    """One tab."""

    to: IO[bytes]
    answers: IO[bytes]
    session: str | None = None
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Do something, and give what came of it."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session is not None:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while (answer := self._receive()).get("id") != number:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _receive(self) -> dict[str, Any]:
        content = b""
        while (byte := self.answers.read(1)) != b"\0":
            assert byte, "Chromium is gone"
            content += byte
        answer: dict[str, Any] = json.loads(content)
        return answer

    def js(self, expression: str) -> Any:
        """The value of an expression in the page."""
        result = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def text(self, element: str) -> str:
        """What is shown in an element, by its ID."""
        return str(self.js(f"document.getElementById('{element}').innerText"))

    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait for something to be true in the page."""
        deadline = time.monotonic() + seconds
        while not self.js(expression):
            assert time.monotonic() < deadline, self.js("document.body.innerText")
            time.sleep(0.05)

    def resize(self, width: int, height: int) -> None:
        """Give the page another size; some pages leave out what is not seen."""
        facts = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", **facts)

    def choose(self, element: str, path: Path) -> None:
        """Choose a file."""
        found = self.send("Runtime.evaluate", expression=f"document.getElementById('{element}')")
        self.send("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])

    def screenshot(self, path: Path) -> None:
        """The whole page as an image."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))


@contextmanager
def ended_with(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a server, and all that it started in its process group, with the block."""
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def answering(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 150) -> None:
    """Wait until a server that was just started answers."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx.TransportError):
            if httpx.get(url).is_success:
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


@contextmanager
def browsing(url: str, profile: Path) -> Iterator[Browser]:
    """A new browser on a page."""
    chromium = shutil.which("chromium")
    assert chromium is not None
    (theirs, ours), (our_end, their_end) = os.pipe(), os.pipe()
    options = "--headless --no-sandbox --disable-gpu --remote-debugging-pipe --lang=en"
    line = f'exec "{chromium}" {options} --user-data-dir="{profile}" 3<&{theirs} 4>&{their_end}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", line], pass_fds=(theirs, their_end), stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    os.close(their_end)
    with os.fdopen(ours, "wb") as to, os.fdopen(our_end, "rb") as answers:
        browser = Browser(to, answers)
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        browser.session = attached["sessionId"]
        browser.send("Page.navigate", url=url)
        browser.until("document.readyState === 'complete' && location.href !== 'about:blank'")
        try:
            yield browser
        finally:
            process.terminate()
            process.wait(20)
