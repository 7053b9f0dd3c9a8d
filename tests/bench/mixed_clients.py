"""Clients that play, upload, revert and try their orphans again, each for a player of its own.

python -m tests.bench.mixed_clients PORT SECONDS FILE    # prints JSON: what each client was told
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Which clients do more than play, by their place: the others only play.
UPLOADING, REVERTING, WITH_ORPHANS = range(2), range(2, 8), range(8, 14)
EVERY = 5
PLAYS, FILES, ORPHANS = "/ir/direct-manual/import", "/api/v1/import/file", "/api/v1/import/orphans"
FORM = (
    '--x\r\nContent-Disposition: form-data; name="importType"\r\n\r\nfile/batch-manual\r\n'
    '--x\r\nContent-Disposition: form-data; name="scoreData"; filename="x.json"\r\n\r\n'
)
UNKNOWN = {"matchType": "songTitle", "identifier": "A song of tomorrow", "difficulty": "EXH"}


@dataclass
class Told:
    """What the answers to one client said.

    Attributes:
        kept: The IDs of its scores that were stored and not reverted.
        orphans: How many datapoints became orphans that a later song makes scores.
        statuses: How often each status came.
        seconds: How long each play took.
    """

    user_id: int
    kept: list[str] = field(default_factory=list)
    orphans: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class Client:
    """A client with a connection, and the account of what it was told."""

    def __init__(self, port: int, place: int, token: str, given: dict[str, Any]) -> None:
        self.told = Told(given["first"] + place)
        self._port, self._place, self._token, self._given = port, place, token, given

    async def run(self, until: float) -> Told:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        turn = 0
        while time.monotonic() < until:
            if self._place in UPLOADING:
                await self._upload(turn)
            else:
                await self._play(turn)
            turn += 1
        self._writer.close()
        return self.told

    async def _play(self, turn: int) -> None:
        plays = self._given["plays"]
        play = plays[(turn + self._place * 101) % len(plays)]
        play = play | {"score": max(play["score"] - turn // len(plays), 0)}
        is_unknown = self._place in WITH_ORPHANS and turn % EVERY == 0
        if is_unknown:
            play = play | UNKNOWN | {"score": 8_000_000 + turn}
        started = time.monotonic()
        answer = await self._send(PLAYS, json.dumps(self._document([play])).encode())
        self.told.seconds.append(time.monotonic() - started)
        scores = answer["scoreIDs"]
        self.told.kept += scores
        self.told.orphans += is_unknown and not scores
        if self._place in WITH_ORPHANS and turn % EVERY == 1:
            await self._send(ORPHANS, b"{}")
        if self._place in REVERTING and turn % EVERY == 0 and scores:
            await self._send(f"/api/v1/imports/{answer['importID']}/revert", b"{}")
            self.told.kept = [s for s in self.told.kept if s not in scores]

    async def _upload(self, turn: int) -> None:
        many = [
            play | {"score": max(play["score"] - turn, 0)} for play in self._given["many_plays"]
        ]
        file = json.dumps(self._document(many))
        body = f"{FORM}{file}\r\n--x--\r\n".encode()
        answer = await self._send(FILES, body, "multipart/form-data; boundary=x")
        self.told.kept += answer["scoreIDs"]

    def _document(self, plays: list[dict[str, Any]]) -> dict[str, Any]:
        return {"meta": self._given["meta"], "scores": plays}

    async def _send(self, path: str, body: bytes, form: str = "application/json") -> dict[str, Any]:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: {form}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answered = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        status = int(answered[0].split()[1])
        length = next(int(x.split(b":")[1]) for x in answered if x.startswith(b"content-length"))
        content = json.loads(await self._reader.readexactly(length))
        self.told.statuses[status] += 1
        if status != 200:
            raise AssertionError(f"{path}: {status}, {content}")
        return dict(content["body"])


async def all_of(port: int, seconds: float, given: dict[str, Any]) -> list[Told]:
    until = time.monotonic() + seconds
    clients = [Client(port, place, token, given) for place, token in enumerate(given["tokens"])]
    return await asyncio.gather(*(client.run(until) for client in clients))


if __name__ == "__main__":
    said = asyncio.run(
        all_of(int(sys.argv[1]), float(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text()))
    )
    print(json.dumps([vars(told) for told in said]))
