"""The interface of FLO, EAG and MIN ("kai"): renewing the access, the profile, and page after page.

The same traversal works over the network and over recorded answers. What it must not do: follow a page
to another origin, which would give the player's access away; read for ever; or renew more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tachi_data.errors import ImportFatal
from tachi_data.import_types.model import Link, Source
from tachi_data.import_types.sources.stops import pages_until
from tachi_data.import_types.sources.web import (
    ANSWER,
    Answer,
    Ask,
    Request,
    Unreachable,
    Web,
    recording_of,
)
from tachi_data.records.schema import ListOf, Str

DENIED = (401, 403)
TOKENS = {"token": "access_token", "refreshToken": "refresh_token"}


def origin(url: str) -> str | None:
    """Return ``scheme://host[:port]`` of an absolute URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else None


@dataclass
class Session:
    """One player's access during one import; always the newest tokens."""

    name: str
    base: str
    ask: Ask
    tokens: Mapping[str, str] = field(repr=False)
    oauth: Mapping[str, str] = field(default_factory=dict, repr=False)
    keep: Callable[[Mapping[str, str]], None] = lambda tokens: None
    most_pages: int = 500

    def refused(self, what: str) -> ImportFatal:
        """Return the error for an unexpected answer of the service."""
        return ImportFatal(500, f"{self.name} {what}.")

    def renew(self) -> None:
        """Exchange the tokens for new ones and keep the new ones."""
        fields = {
            "refresh_token": self.tokens.get("refreshToken", ""),
            "grant_type": "refresh_token",
            "client_secret": self.oauth.get("CLIENT_SECRET", ""),
            "client_id": self.oauth.get("CLIENT_ID", ""),
        }
        answer = self._answer("POST", f"{self.base}/oauth/token", form=fields)
        if answer.status == 400:
            raise ImportFatal(
                400, f"{self.name} does not accept the link any more; unlink it and link it again."
            )
        self.tokens = tokens_of(answer, self.name)
        self.keep(self.tokens)

    def profile(self, path: str) -> Answer | None:
        """Return the profile; None where the service does not answer with one."""
        try:
            answer = self._get(self.base + path)
            if answer.status in DENIED:
                self.renew()
                answer = self._get(self.base + path)
        except ImportFatal:
            return None
        return answer if answer.status == 200 else None

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the pages of the history. Each is checked: it has ``_links`` and a list of ``_items``."""
        url: str | None = self.base + path
        read: set[str] = set()
        renewed = False
        while url is not None:
            if origin(url) != self.base:
                raise self.refused("pointed to another place for its next page")
            if url in read:
                raise ImportFatal(508, f"{self.name} sent a page again that was read already.")
            answer = self._get(url)
            if answer.status in DENIED:
                if renewed:
                    raise self.refused(f"answered {answer.status} to a renewed access")
                self.renew()
                renewed = True
                continue
            body = self._page(answer)
            read.add(url)
            if len(read) > self.most_pages:
                raise ImportFatal(508, f"{self.name} sent more than {self.most_pages} pages.")
            url = body["_links"]["_next"]
            yield body

    def _page(self, answer: Answer) -> dict[str, Any]:
        if not answer.ok:
            raise self.refused(f"answered {answer.status} to a request for scores")
        try:
            body = answer.json()
        except ValueError:
            raise self.refused("sent a page that is no JSON") from None
        if not isinstance(body, dict) or not isinstance(body.get("_links"), dict):
            raise self.refused("sent a page without `_links`")
        if not isinstance(body["_links"].get("_next", ...), str | None):
            raise self.refused("sent a page whose `_links._next` is neither a URL nor null")
        if not isinstance(body.get("_items"), list):
            raise self.refused("sent a page without a list of `_items`")
        return body

    def _get(self, url: str) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.tokens.get('token', '')}",
            "Content-Type": "application/json",
        }
        return self._answer("GET", url, headers=headers)

    def _answer(self, method: str, url: str, **more: Mapping[str, str]) -> Answer:
        try:
            return self.ask(Request(method, url, **more))
        except Unreachable as problem:
            raise self.refused(f"could not be reached ({problem})") from None


def tokens_of(answer: Answer, name: str) -> dict[str, str]:
    """Return the tokens in an answer of a service."""
    if answer.status != 200:
        raise ImportFatal(500, f"{name} answered {answer.status} to a request for access.")
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or not all(isinstance(body.get(k), str) for k in TOKENS.values()):
        raise ImportFatal(500, f"{name} answered to a request for access, but with no tokens.")
    return {ours: body[theirs] for ours, theirs in TOKENS.items()}


def exchange(
    name: str, base: str, oauth: Mapping[str, str], code: str, timeout_s: float = 60
) -> dict[str, str]:
    """Return the tokens for the code that a player brings back from the service's page.

    Raises:
        ImportFatal: 400, the code is not accepted; 500, the service cannot do it.
    """
    fields = {
        "code": code,
        "grant_type": "authorization_code",
        "client_secret": oauth.get("CLIENT_SECRET", ""),
        "client_id": oauth.get("CLIENT_ID", ""),
        "redirect_uri": oauth.get("REDIRECT_URI", ""),
    }
    with Web(timeout_s) as web:
        try:
            answer = web(Request("POST", f"{base}/oauth/token", form=fields))
        except Unreachable as problem:
            raise ImportFatal(500, f"{name} could not be reached ({problem}).") from None
    if 400 <= answer.status < 500:
        raise ImportFatal(400, f"{name} did not accept the code.")
    return tokens_of(answer, name)


def recorded(name: str, source: Source, profile_path: str) -> Session:
    """Return a session over recorded answers."""
    recording = recording_of(
        source.data,
        base=Str(optional=True),
        profile=ANSWER,
        pages=ListOf(ANSWER),
        reauth=ListOf(ANSWER, optional=True) if is_list(source.data, "reauth") else ANSWER,
    )
    base = recording.get("base") or f"https://{name.lower()}.example.com"
    renewals = recording.get("reauth", [])
    coming = iter(renewals if isinstance(renewals, list) else [renewals])
    pages = iter(recording["pages"])
    anew = {"body": dict.fromkeys(TOKENS.values(), "recorded")}

    def ask(request: Request) -> Answer:
        if request.method == "POST":
            return Answer.recorded(next(coming, anew))
        if request.url == base + profile_path:
            return Answer.recorded(recording.get("profile") or {"networkError": True})
        return Answer.recorded(next(pages, {"networkError": True}))

    return Session(name, base, ask, tokens=dict.fromkeys(TOKENS, "recorded"))


def is_list(recording: object, name: str) -> bool:
    """Return whether a member of a recording is a list."""
    return isinstance(recording, dict) and isinstance(recording.get(name), list)


def fetch(name: str, profile_path: str, history_path: str, link: Link) -> dict[str, Any]:
    """Fetch the plays since the time stop and the profile of a player, as a recording for a parser.

    Raises:
        ImportFatal: It could not be read to the end.
    """
    with Web(link.timeout_s) as web:
        session = Session(
            name,
            link.settings[f"{name}_API_URL"],
            web,
            link.credentials,
            link.settings[f"{name}_OAUTH2_INFO"],
            link.keep,
            link.pages,
        )
        session.renew()
        profile = session.profile(profile_path)
        new = pages_until(session.pages(history_path), "timestamp", link.stop_ms)
        pages = [{"body": page} for page in new]
    found = {"profile": profile.recording()} if profile is not None else {}
    return {"base": session.base, **found, "pages": pages}


def position(value: object, names: tuple[str | None, ...]) -> str | None:
    """Return the name at a position; None where it is no position."""
    whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    return names[int(value)] if whole and 0 <= value < len(names) else None  # type: ignore[call-overload,operator]
