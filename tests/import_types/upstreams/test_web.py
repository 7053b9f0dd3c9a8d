"""A service that does its worst: packed answers, answers without end, and bytes that come one at a time."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tachi_data.import_types.sources import web
from tachi_data.import_types.sources.web import Request, Unreachable, Web

HEAD = b"HTTP/1.1 200 OK\r\n"
Serve = Callable[[socket.socket], None]


@contextmanager
def serving(serve: Serve) -> Iterator[str]:
    """A server that answers each request by its own means; its URL."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while connection.recv(100_000):
                serve(connection)

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def whole(content: bytes, *headers: bytes) -> Serve:
    """A server that sends one answer."""
    lines = [b"Content-Length: %d" % len(content), *headers]
    return lambda connection: connection.sendall(
        HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + content
    )


def dripping(start: bytes, drop: bytes) -> Serve:
    """A server that goes on with an answer for ever."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return serve


def fetched(serve: Serve, timeout_s: float = 20) -> bytes:
    with serving(serve) as url, Web(timeout_s) as asked:
        return asked(Request("GET", url)).content


def refusal(serve: Serve, timeout_s: float = 20) -> str:
    with pytest.raises(Unreachable) as refused:
        fetched(serve, timeout_s)
    return str(refused.value)


GZIP = b"Content-Encoding: gzip"


def test_an_answer_may_be_packed_once() -> None:
    assert fetched(whole(b"[1]")) == b"[1]"
    assert fetched(whole(gzip.compress(b"[1]"), GZIP)) == b"[1]"
    twice = gzip.compress(gzip.compress(b"[1]"))
    assert "not asked for" in refusal(whole(twice, b"Content-Encoding: gzip, gzip"))
    assert "not asked for" in refusal(whole(twice, GZIP, GZIP))
    assert "not asked for" in refusal(whole(b"[1]", b"Content-Encoding: br"))
    assert "cannot be unpacked" in refusal(whole(b"[1]", GZIP))


def test_the_size_counts_while_an_answer_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LARGEST_ANSWER", 1000)
    assert fetched(whole(gzip.compress(bytes(1000)), GZIP)) == bytes(1000)
    asked, unpack = [], web.zlib.decompressobj

    class Noting:
        """Notes how much may be unpacked at a time."""

        def __init__(self, kind: int) -> None:
            self._unpack = unpack(kind).decompress

        def decompress(self, chunk: bytes, most: int) -> bytes:
            asked.append(most)
            return self._unpack(chunk, most)

    monkeypatch.setattr(web.zlib, "decompressobj", Noting)
    assert "larger than 1,000 bytes" in refusal(whole(gzip.compress(bytes(10**7)), GZIP))
    assert 0 < max(asked) <= 1001
    assert "larger than 1,000 bytes" in refusal(whole(bytes(1001)))


def test_all_answers_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LARGEST_SUM", 1000)
    with serving(whole(gzip.compress(bytes(400)), GZIP)) as url, Web() as asked:
        assert [len(asked(Request("GET", url)).content) for _ in range(2)] == [400, 400]
        with pytest.raises(Unreachable, match="answers of this import are larger than 1,000"):
            asked(Request("GET", url))


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n" + GZIP + b"\r\n\r\n"
# A block of gzip that is empty, and is not the last one.
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (HEAD, b"X-More: 1\r\n"),
        (HEAD + b"\r\n", b"x"),
        (
            CHUNKED + b"a\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\r\n",
            b"5\r\n" + EMPTY_BLOCK + b"\r\n",
        ),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
    ],
    ids=["headers", "without a length", "empty blocks", "a body"],
)
def test_an_exchange_has_so_much_time_as_a_whole(start: bytes, drop: bytes) -> None:
    started = time.monotonic()
    assert refusal(dripping(start, drop), 0.5) == "it took too long"
    assert time.monotonic() - started < 5


def test_the_next_exchange_has_its_own_time() -> None:
    slow = [True]

    def serve(connection: socket.socket) -> None:
        if slow.pop() if slow else False:
            time.sleep(1.5)
        whole(b"[1]")(connection)

    with serving(serve) as url, Web(0.5) as asked:
        with pytest.raises(Unreachable, match="too long"):
            asked(Request("GET", url))
        assert asked(Request("GET", url)).content == b"[1]"
