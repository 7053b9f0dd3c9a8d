"""A real Chromium, driven through the pipe of its debugging protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any


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

    def until(self, expression: str) -> None:
        """Wait for something to be true in the page."""
        deadline = time.monotonic() + 30
        while not self.js(expression):
            assert time.monotonic() < deadline, self.text("say")
            time.sleep(0.05)

    def choose(self, element: str, path: Path) -> None:
        """Choose a file."""
        found = self.send("Runtime.evaluate", expression=f"document.getElementById('{element}')")
        self.send("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])

    def screenshot(self, path: Path) -> None:
        """The whole page as an image."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))


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
