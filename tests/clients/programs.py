"""Programs that send scores, as they are seen from outside: what each asks, sends, and needs of the answer.

They were written from descriptions of requests and answers. A program raises `ClientError` where the real one would
tell its user that something is wrong.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

PATIENCE_S = 60


class ClientError(Exception):
    """What the user of the program would read."""


def need(answer: Any, name: str, kind: type) -> Any:
    """A member that the program takes for granted."""
    if not isinstance(answer, dict) or not isinstance(answer.get(name), kind):
        raise ClientError(f"{name} is missing in {str(answer)[:300]}")
    return answer[name]


@dataclass
class Program:
    """A program with its user's key. ``address`` is all that it knows of the server."""

    address: str
    key: str

    def ask(self, method: str, url: str, **sent: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **sent.pop("headers", {})}
        full = url if url.startswith("http") else self.address + url
        return httpx.request(method, full, headers=headers, timeout=60, **sent)

    def body(self, method: str, url: str, **sent: Any) -> Any:
        content = self.ask(method, url, **sent).json()
        if not content.get("success"):
            raise ClientError(need(content, "description", str))
        return content["body"]

    def polled(self, url: str) -> dict[str, Any]:
        """The ImportDocument, asked for once a second at the address that the server has named."""
        for _ in range(PATIENCE_S * 10):
            body = self.body("GET", url)
            status = need(body, "importStatus", str)
            if status == "completed":
                found: dict[str, Any] = need(body, "import", dict)
                return found
            need(need(body, "progress", dict), "description", str)
            time.sleep(0.1)
        raise ClientError("The import does not end.")


class SiteImporter(Program):
    """A script in the page of an arcade's site. It knows only answers that are to be polled."""

    def set_key(self) -> str:
        """Check a key that was just pasted; greets its owner."""
        user = self.body("GET", "/api/v1/users/me")
        need(user, "id", int)
        return str(need(user, "username", str))

    def send(self, document: dict[str, Any]) -> dict[str, Any]:
        sent = {"headers": {"X-User-Intent": "true"}, "json": document}
        body = self.body("POST", "/ir/direct-manual/import", **sent)
        done = self.polled(need(body, "url", str))
        for name in ("scoreIDs", "errors", "createdSessions", "classDeltas"):
            need(done, name, list)
        return done


class Bot(Program):
    """A Discord bot: keys of many users, files as uploads, and personal bests shown in a chat."""

    def log_in(self) -> int:
        body = self.body("GET", "/api/v1/status")
        if "submit_score" not in need(body, "permissions", list):
            raise ClientError("The key may not submit scores.")
        return int(need(body, "whoami", int))

    def upload(self, content: bytes, kind: str, **options: str) -> dict[str, Any]:
        files, headers = {"scoreData": ("scores", content)}, {"X-User-Intent": "true"}
        sent = {"data": {"importType": kind, **options}, "files": files, "headers": headers}
        return self.polled(need(self.body("POST", "/api/v1/import/file", **sent), "url", str))

    def shown(self, done: dict[str, Any]) -> list[str]:
        """A line for each score of an import."""
        found = self.body("GET", f"/api/v1/imports/{done['importID']}")
        titles = {song["id"]: song["title"] for song in need(found, "songs", list)}
        name = need(need(found, "user", dict), "username", str)
        return [f"{name}: {titles[score['songID']]}" for score in need(found, "scores", list)]

    def personal_best(self, game: str, chart_id: str) -> int:
        path = f"/api/v1/users/me/games/{game}/pbs/{chart_id}"
        pb = need(self.body("GET", path), "pb", dict)
        return int(need(need(pb, "scoreData", dict), "score", int))


class Beatoraja(Program):
    """The IR plugin of beatoraja: it logs in at the start of the game, or switches itself off."""

    def log_in(self) -> str:
        whoami = need(self.body("GET", "/api/v1/status"), "whoami", int)
        user = self.body("GET", f"/api/v1/users/{whoami}")
        if need(user, "id", int) != whoami:
            raise ClientError("This is somebody else.")
        return str(need(user, "username", str))

    def _headers(self) -> dict[str, Any]:
        return {"headers": {"X-TachiIR-Version": "v3.1.1"}}

    def submit(self, play: dict[str, Any]) -> str:
        """What the game shows after a play."""
        answer = self.ask("POST", "/ir/beatoraja/submit-score", json=play, **self._headers())
        content = answer.json()
        text = str(need(content, "description", str))
        if not need(content, "success", bool):
            raise ClientError(text)
        return text

    def ranking(self, sha256: str) -> list[dict[str, Any]]:
        rows = self.body("GET", f"/ir/beatoraja/charts/{sha256}/scores", **self._headers())
        for row in rows:
            for name in ("clear", "epg", "egr", "maxcombo", "minbp", "notes", "playcount", "date"):
                need(row, name, int)
            need(row, "player", str)
        return list(rows)


class USC(Program):
    """The game itself. Everything is HTTP 200; it takes answers without all members for failures."""

    def _call(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        answer = self.ask(method, f"/ir/usc/Controller{path}", **sent)
        content: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            raise ClientError(answer.text)
        need(content, "statusCode", int)
        need(content, "description", str)
        return content

    def heartbeat(self) -> str:
        body = need(self._call("GET", ""), "body", dict)
        need(body, "serverTime", int)
        need(body, "irVersion", str)
        return str(need(body, "serverName", str))

    def submit(self, play: dict[str, Any], replay: bytes) -> dict[str, Any]:
        answer = self._call("POST", "/scores", json=play)
        if answer["statusCode"] != 20:
            raise ClientError(answer["description"])
        body: dict[str, Any] = need(answer, "body", dict)
        for name, kind in {
            "score": dict,
            "serverRecord": dict,
            "isPB": bool,
            "isServerRecord": bool,
            "adjacentAbove": list,
            "adjacentBelow": list,
        }.items():
            need(body, name, kind)
        if "sendReplay" in body:
            files = {"replay": ("replay.urf", replay)}
            sent = {"data": {"identifier": need(body, "sendReplay", str)}, "files": files}
            if self._call("POST", "/replays", **sent)["statusCode"] != 20:
                raise ClientError("The replay was refused.")
        return body


class Hook(Program):
    """A hook in a game, written in Rust, C or Lua: one play after the other, by direct-manual."""

    def submit(self, meta: dict[str, Any], score: dict[str, Any], **headers: str) -> str:
        """Where the hook could ask on; it looks for a compact flag in the text of the answer."""
        document = {"meta": {"service": "a hook", **meta}, "scores": [score]}
        sent = {"json": document, "headers": headers}
        answer = self.ask("POST", "/ir/direct-manual/import", **sent)
        if '"success":true' not in answer.text or answer.status_code not in (200, 202):
            raise ClientError(answer.text)
        return str(need(answer.json()["body"], "url", str))
