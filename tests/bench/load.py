"""Clients that send one score after the other, each its own player's: as light as they can be.

python -m tests.bench.load PORT SECONDS DOCUMENTS TOKEN…    # prints JSON: seconds of each request
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

HEAD = (
    "POST /ir/direct-manual/import HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


async def client(
    port: int, token: str, bodies: list[bytes], first: int, until: float
) -> list[float]:
    """Sends bodies in a loop until the time is up; returns how long each answer took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    spent, turn = [], first
    while time.monotonic() < until:
        body = bodies[turn % len(bodies)]
        turn += 1
        started = time.monotonic()
        writer.write(HEAD.format(token=token, length=len(body)).encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(head)
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        spent.append(time.monotonic() - started)
    writer.close()
    return spent


async def all_of(port: int, seconds: float, bodies: list[bytes], tokens: list[str]) -> list[float]:
    until = time.monotonic() + seconds
    clients = (
        client(port, token, bodies, place * 1009, until) for place, token in enumerate(tokens)
    )
    return [s for spent in await asyncio.gather(*clients) for s in spent]


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[3]).read_text())
    documents = [json.dumps(document).encode() for document in given["documents"]]
    spent = asyncio.run(all_of(int(sys.argv[1]), float(sys.argv[2]), documents, given["tokens"]))
    print(json.dumps(spent))
