"""The beatoraja client: its headers, the answer to a play, and the leaderboards that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tachi_data.errors import ImportFatal
from tachi_data.import_types.clients import (
    Call,
    Client,
    Reply,
    Stored,
    envelope,
    not_cleared,
    reach,
    success,
)
from tachi_data.records import checked
from tachi_data.records.schema import Int, ListOf, Object, OneOf, Str


def check(call: Call) -> None:
    """Check the version that the client names."""
    if not call.headers.get("x-tachiir-version", "").startswith(("v2", "v3")):
        raise ImportFatal(400, "X-TachiIR-Version: expected v2 or v3.")


def reply(document: Mapping[str, Any], call: Call, stored: Stored) -> Reply:
    """Return the answer to a play: the status tells how it went, the client shows the description."""
    errors = document["errors"]
    about = {"import": document, "importID": document["importID"], "url": call.url}
    if not errors:
        found = stored.records(document)
        if not found["scores"]:
            return success("This score is known already.", about)
        (score,), (song,), (chart,) = (found[name] for name in ("scores", "songs", "charts"))
        return success(
            "Imported the score.", {"score": score, "song": song, "chart": chart} | about
        )
    kind, message = errors[0]["type"], errors[0]["message"]
    voters = stored.voters(call.body["chart"]["sha256"]) if kind == "SongOrChartNotFound" else 0
    if voters:
        needed = stored.queue_size()
        text = f"This chart is new: {voters} of {needed} players that it takes have played it."
        return success(text, {}, 202)
    if kind == "SongOrChartNotFound":
        return envelope(400, "This chart is not supported.")
    return envelope(500 if kind == "InternalError" else 400, f"[{kind}] - {message}")


def leaderboard(call: Call, stored: Stored) -> Reply:
    """Return the personal bests on a chart. The client recounts EX scores, so they are sent as great counts."""
    key = call.path["sha256"]
    charts = [(g, c) for g in GAMES for c in stored.charts(g, "sha256", key)]
    if not charts:
        return envelope(404, "There is no such chart.")
    game = charts[0][0]
    rows = [
        line(pb, chart, key, call.user_id)
        for of, chart in charts
        if of == game
        for pb in stored.ranking(game, chart["chartID"])
    ]
    return success(f"Found {len(rows)} personal bests.", rows)


def line(
    pb: Mapping[str, Any], chart: Mapping[str, Any], sha256: str, user_id: int
) -> dict[str, Any]:
    """Return a personal best as the client shows it; the player's own has no name."""
    data = pb["scoreData"]
    optional = data["optional"]

    def number(name: str) -> Any:
        return optional.get(name) or 0

    counts = ("egd", "lgd", "ebd", "lbd", "epr", "lpr", "ems", "lms")
    return {
        "sha256": sha256,
        "player": "" if pb["userID"] == user_id else pb["username"],
        "playcount": 0,
        "clear": CLEARS[data["enumIndexes"]["lamp"]],
        "date": pb["timeAchieved"] or 0,
        "deviceType": None,
        "gauge": number("gauge"),
        "random": None,
        "minbp": number("bp"),
        "maxcombo": number("maxCombo"),
        "passnotes": 0,
        "notes": chart["data"]["notecount"],
        "epg": data["score"] // 2,
        "egr": data["score"] % 2,
        "lpg": 0,
        "lgr": 0,
        **{name: number(name) for name in counts},
    }


GAMES = ("bms", "pms")


def rivals(call: Call, stored: Stored) -> Reply:
    """Return the player's rivals over all playtypes of BMS and PMS."""
    found = [
        {"id": str(rival["id"]), "name": rival["username"], "rank": ""}
        for rival in stored.rivals(GAMES)
    ]
    return success(f"Found {len(found)} rivals.", found)


def scores_of(call: Call, stored: Stored) -> Reply:
    """Return the personal bests of the player or of a rival, newest first."""
    owner = stored.player(call.path["user_id"])
    if owner is None:
        return envelope(404, "There is no such player.")
    is_own = owner["id"] == call.user_id
    if not is_own and owner["id"] not in [rival["id"] for rival in stored.rivals(GAMES)]:
        return envelope(403, "Only your own scores and those of your rivals are shown.")
    bests = [pb for game in GAMES for pb in stored.bests(owner["id"], game)]
    bests.sort(key=lambda pb: pb["timeAchieved"] or 0, reverse=True)
    shown = [
        line({**pb, "username": owner["username"]}, pb["chart"], _sha256(pb), call.user_id)
        | {"playcount": 1, "ems": 0, "lms": 0}
        for pb in bests
    ]
    return success(f"Found {len(shown)} personal bests.", shown)


def _sha256(pb: Mapping[str, Any]) -> str:
    return pb["chart"]["data"].get("hashSHA256") or ""


def take_course(call: Call, stored: Stored) -> Reply:
    """Take a dan course that was played; it counts as in LR2."""
    body = checked(call.body, COURSE)
    course, score = body["course"], body["score"]
    if score["clear"] in TRIED:
        return not_cleared()
    rules = course["constraint"]
    if score["lntype"] != 0 or "CN" in rules or "HCN" in rules:
        return envelope(400, "Courses with this LN type are not supported.")
    if any(rule.startswith("GAUGE_") and rule != "GAUGE_LR2" for rule in rules):
        return envelope(400, "Courses are played on the gauge of LR2.")
    if score["option"] not in (0, 1):
        return envelope(400, "Courses are played without random.")
    md5sums = "".join(chart["md5"] for chart in course["charts"])
    game = next((game for game in GAMES if stored.course(game, md5sums) is not None), GAMES[0])
    return reach(stored, game, md5sums)


TRIED = ("Failed", "NoPlay", "Easy", "LightAssistEasy", "AssistEasy")
CLEARED = ("Normal", "Hard", "ExHard", "FullCombo", "Perfect", "Max")
COURSE = Object(
    members={
        "course": Object(
            members={
                "charts": ListOf(Object(members={"md5": Str()}), size=4),
                "constraint": ListOf(Str()),
            }
        ),
        "score": Object(
            members={
                "clear": OneOf((*TRIED, *CLEARED)),
                "option": Int(),
                "lntype": OneOf((0, 1, 2)),
            }
        ),
    }
)
CLEARS = (0, 1, 3, 4, 5, 6, 7, 8)  # by lamp: the client has two kinds of assist, we one
BEATORAJA = Client("boku", check)
