"""The fervidex hook: software IDs and what version they stand for, headers, settings, and dan courses."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from tachi_data.errors import ImportFatal
from tachi_data.import_types.clients import Call, Client, Reply, Stored, success, under_error
from tachi_data.records import checked
from tachi_data.records.schema import Bool, Int, ListOf, Object, OneOf, Str

SOFTWARE = re.compile(r"([A-Z0-9]{3}):[A-Z]:[A-Z]:([A-Z]):([0-9]{10})")
PLAIN, OMNI, XTRA = {"A": "{}"}, {"X": "{}-omni"}, {"E": "{}-2dxtra"}
# By build: the game's number, and what the revision says about the kind of the version.
BUILDS: dict[str, tuple[int, Mapping[str, str]]] = {
    "2018091900": (25, PLAIN),
    **dict.fromkeys(("2019090200", "2019100700"), (26, PLAIN | OMNI)),
    "2020092900": (27, PLAIN | OMNI | XTRA),
    "2021091500": (28, PLAIN | OMNI | XTRA),
    "2022082400": (29, PLAIN | OMNI),
    **dict.fromkeys(
        ("2022103100", "2022120800", "2023022000", "2023040400", "2023090500"),
        (30, PLAIN | OMNI | XTRA),
    ),
    **dict.fromkeys(
        ("2023101800", "2023103000", "2023121800", "2024021300", "2024082600"),
        (31, PLAIN | OMNI | XTRA),
    ),
    **dict.fromkeys(
        ("2025011400", "2025032500", "2025041500", "2025072900", "2025082500"), (32, PLAIN | OMNI)
    ),
    **dict.fromkeys(
        (
            *("2026022400", "2026031000", "2026033100", "2026042200", "2026052600"),
            *("2026061600", "2026081900", "2026090900"),
        ),
        (33, PLAIN | OMNI),
    ),
}
# The newest version that is known here, and the last build before it: later ones that are not listed belong to it.
NEWEST = max(BUILDS.values(), key=lambda build: build[0])
LAST_BEFORE = max(build for build, known in BUILDS.items() if known != NEWEST)
NOTHING: tuple[int, Mapping[str, str]] = (0, {})

_log = logging.getLogger(__name__)
DANS = (
    *(f"KYU_{n}" for n in range(7, 0, -1)),
    *(f"DAN_{n}" for n in range(1, 11)),
    "CHUUDEN",
    "KAIDEN",
)
OLDEST = (1, 3, 0)
CLASS = Object(members={"cleared": Bool(), "course_id": Int(0, 18), "play_style": OneOf((0, 1))})


def version_of(model: object) -> str:
    """Return the version that a software ID stands for."""
    found = SOFTWARE.fullmatch(model) if isinstance(model, str) else None
    if found is None:
        raise ImportFatal(400, f"The software model {model!r:.60} is not one.")
    software, revision, build = found.groups()
    if software == "P2D":
        return "inf"
    number, kinds = _build(build) if software in ("LDJ", "TDJ") else NOTHING
    if revision not in kinds:
        raise ImportFatal(400, f"The software model {model} is not supported.")
    return kinds[revision].format(number)


def _build(build: str) -> tuple[int, Mapping[str, str]]:
    """Return the number of the game and its revisions.

    New builds come every month. One that is not listed belongs to the version whose builds lie around it, or to
    the newest version if it is later than every build before that one.
    """
    if build in BUILDS:
        return BUILDS[build]
    if build > LAST_BEFORE:
        _log.warning("The build %s of IIDX is not known here; it counts as %s.", build, NEWEST[0])
        return NEWEST
    before = max((known for known in BUILDS if known < build), default=None)
    after = min(known for known in BUILDS if known > build)
    same = before is not None and BUILDS[before] == BUILDS[after]
    return BUILDS[after] if same else NOTHING


def check(call: Call) -> None:
    """Check the version of the hook, the game, and the card where the player has set cards."""
    agent = re.match(r"fervidex/(\d+)\.(\d+)\.(\d+)", call.headers.get("user-agent", ""))
    if agent is None or tuple(map(int, agent.groups())) < OLDEST:
        raise ImportFatal(400, "User-Agent: expected fervidex/1.3.0 or later.")
    software = SOFTWARE.fullmatch(call.headers.get("x-software-model", ""))
    if software is None:
        raise ImportFatal(400, "X-Software-Model: expected a software ID.")
    if software[2] == "Z":
        raise ImportFatal(400, "X-Software-Model: this revision is not supported.")
    version_of(software[0])
    cards = call.settings.get("cards")
    if cards is not None and call.headers.get("x-account-id") not in cards:
        raise ImportFatal(400, "X-Account-Id: this card is not one of those that you have set.")


def play_options(call: Call) -> dict[str, Any]:
    """Return the options of a play; a header tells the version."""
    return {"model": call.headers.get("x-software-model")}


def profile_options(call: Call) -> dict[str, Any]:
    """Return the options of a profile. Its scores have no times: only INFINITAS's and requested ones are taken."""
    model = call.headers.get("x-software-model", "")
    wanted = bool(call.settings.get("forceStaticImport")) or model.startswith("P2D:")
    return {"model": model, "shouldImportScores": wanted}


def take_class(call: Call, stored: Stored) -> Reply:
    """Take a dan course that was played."""
    course = checked(call.body, CLASS)
    if not course["cleared"]:
        return success("The course was not cleared.", {})
    playtype = ("SP", "DP")[int(course["play_style"])]
    is_new = stored.raise_class("iidx", playtype, "dan", DANS[int(course["course_id"])])
    text = "The class was updated." if is_new else "The class was not updated."
    return Reply(200, {"success": True, "description": text})


FERVIDEX = Client(
    "kamai",
    check,
    under_error,
    name="fervidex",
    settings={
        "cards": ListOf(Str(), most=6, optional=True, nullable=True),
        "forceStaticImport": Bool(optional=True, nullable=True),
    },
)
