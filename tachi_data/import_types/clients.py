"""The talk between game clients and the service: routes, headers, settings and answers.

A client is a program on a player's machine that nobody here can change, so each has its own answers. An
import type declares the route on which its client sends plays, beside the format of what it sends; the
service makes its routes of these declarations and knows no client by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tachi_data.records.schema import Kind


@dataclass(frozen=True)
class Call:
    """A request. Names of ``headers`` are in lower case; ``settings`` are what the player has set.

    ``body`` is the JSON, or the texts of a form; ``file`` is what came as `Attachment`. ``url`` is where the
    client can ask how far its import is.
    """

    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    user_id: int = 0
    file: bytes | None = None
    url: str = ""


@dataclass(frozen=True)
class Reply:
    """An answer: HTTP status and the whole JSON."""

    status: int
    content: Mapping[str, Any]


class Stored(Protocol):
    """The store as answers see it: they read it, and they keep files and classes in it.

    Documents have the shapes of `tachi_data.documents`.
    """

    def records(self, document: Mapping[str, Any]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return ``scores``, ``songs`` and ``charts`` of an import."""
        ...

    def charts(self, game: str, kind: str, key: str) -> Sequence[Mapping[str, Any]]:
        """Return the charts with this key of this kind."""
        ...

    def ranking(self, game: str, chart_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the personal bests on a chart, best first, each with ``username`` and ``scoreMeta``."""
        ...

    def voters(self, sha256: str) -> int:
        """Return the number of players who wait for a chart that is not in the catalogue."""
        ...

    def queue_size(self) -> int:
        """Return the number of players after which such a chart enters the catalogue."""
        ...

    def course(self, game: str, md5sums: str) -> Mapping[str, Any] | None:
        """Return the course of these charts (``playtype, set, value``); None where there is none."""
        ...

    def raise_class(self, game: str, playtype: str, name: str, value: str) -> bool:
        """Set the player's class if it is better than the present one. Returns whether it was."""
        ...

    def player(self, name: str) -> Mapping[str, Any] | None:
        """Return the public document of a player, by number, by name or ``me``; None where there is none."""
        ...

    def rivals(self, games: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """Return the public documents of the player's rivals in some games."""
        ...

    def bests(self, user_id: int, game: str) -> Sequence[Mapping[str, Any]]:
        """Return the personal bests of a player in a game, each with its ``chart``."""
        ...

    def has_score(self, game: str, score_id: str) -> bool:
        """Return whether this is a score of the player."""
        ...

    def keep_file(self, folder: str, name: str, content: bytes) -> None:
        """Store a file, in place of one with this name; it is on the disk when this returns."""
        ...


def envelope(status: int, text: str) -> Reply:
    """Return the common failure."""
    return Reply(status, {"success": False, "description": text})


def under_error(status: int, text: str) -> Reply:
    """Return a failure for clients that read ``error``; for 403, 404 and 429 they read ``description``."""
    key = "description" if status in (403, 404, 429) else "error"
    return Reply(status, {"success": False, key: text})


def success(text: str, body: Any, status: int = 200) -> Reply:
    """Return the common success."""
    return Reply(status, {"success": True, "description": text, "body": body})


def reach(stored: Stored, game: str, md5sums: str) -> Reply:
    """Give the player the class of a course that was cleared, if it is better than the present one."""
    course = stored.course(game, md5sums)
    if course is None:
        return envelope(404, "There is no such course.")
    is_new = stored.raise_class(game, course["playtype"], course["set"], course["value"])
    text = "The class was updated." if is_new else "The class was not updated."
    return success(text, {"set": course["set"], "value": course["value"]})


def not_cleared() -> Reply:
    """Answer to a course that was not cleared."""
    return Reply(200, {"success": True, "description": "The course was not cleared."})


@dataclass(frozen=True)
class Client:
    """The facts that all routes of a client share.

    Only services of ``network`` have them (None: all). ``check`` raises ImportFatal for headers that are
    missing or wrong. ``refuse`` words a failure (None: the common envelope); ``guest_status`` is the one
    of a request without a token. ``name`` is where its ``settings`` are, if it has any.
    ``playtypes`` are what ``playtype`` in a path may be; others are a plain 400.
    """

    network: Literal["kamai", "boku"] | None = None
    check: Callable[[Call], None] = lambda call: None
    refuse: Callable[[int, str], Reply] | None = None
    guest_status: int = 401
    playtypes: tuple[str, ...] = ()
    name: str = ""
    settings: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """The route for plays (POST, below ``/ir``).

    ``options`` makes those of `ImportType` of a request, or a `Reply` where there is nothing to import.
    ``reply`` words the answer; None is the common one. ``as_upload``: the limits and modes of uploads hold
    here, too. ``in_background``: the client does not wait for the import. ``consumes``: these settings are
    switched off once an import succeeded.
    """

    path: str
    client: Client = Client()
    options: Callable[[Call], Mapping[str, Any] | Reply] = lambda call: {}
    reply: Callable[[Mapping[str, Any], Call, Stored], Reply] | None = None
    as_upload: bool = False
    in_background: bool = False
    consumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A file in the part ``name`` of a form, of at most so many bytes, beside texts (``fields``)."""

    name: str
    largest: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A route of a client on which nothing is imported. POST needs the permission to submit scores.

    With an ``attachment`` the request is a form, not JSON.
    """

    path: str
    client: Client
    answer: Callable[[Call, Stored], Reply]
    method: Literal["GET", "POST"] = "GET"
    attachment: Attachment | None = None
