"""Each kind of client against a real server, in both modes: it logs in, sends plays, and understands the answers."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, TypeVar

import pytest

import tachi_data as td
from tests.clients.catalogue import DDR_HASH, ITG_HASH, MD5, POPN_HASH, SHA1, SHA256
from tests.clients.programs import (
    USC,
    Beatoraja,
    Bot,
    ClientError,
    Hook,
    Program,
    SiteImporter,
)
from tests.service.hooks import eventually
from tests.service.servers import Service

PLAYERS = itertools.count(9000)
Kind = TypeVar("Kind", bound=Program)


def program(kind: type[Kind], server: Service, player: int, *permissions: str) -> Kind:
    key = server.token(player, *permissions)["Authorization"].removeprefix("Bearer ")
    return kind(server.address, key)


def plays_of(server: Service, player: int, count: int = 1) -> list[dict[str, Any]]:
    """The stored scores of a player, once there are so many."""

    def look() -> list[dict[str, Any]]:
        found = td.export_documents(server.store, "scores", user_id=player)
        return found if len(found) >= count else []

    found: list[dict[str, Any]] = eventually(look)
    assert len(found) == count
    return found


# --- site importers -------------------------------------------------------------------------------

SDVX = {"game": "sdvx", "playtype": "Single", "service": "site importer"}


def sdvx_play(score: int, song: str = "501", **more: Any) -> dict[str, Any]:
    found = {"matchType": "sdvxInGameID", "identifier": song, "difficulty": "EXH"}
    return {"score": score, "lamp": "CLEAR", **found, **more}


def test_a_site_importer_sets_its_key_and_polls(server: Service) -> None:
    player = next(PLAYERS)
    importer = program(SiteImporter, server, player)
    assert importer.set_key() == str(player)
    times = {"timeAchieved": 1_700_000_000_000}
    document = {"meta": SDVX, "scores": [sdvx_play(9_500_000, **times), sdvx_play(1, "999999")]}
    done = importer.send(document)
    assert len(done["scoreIDs"]) == 1
    assert [error["type"] for error in done["errors"]] == ["SongOrChartNotFound"]
    assert (done["userID"], done["userIntent"]) == (player, True)
    again = importer.send(document)
    assert again["scoreIDs"] == []
    assert again["importID"] != done["importID"]


def test_a_site_importer_says_what_is_wrong(server: Service) -> None:
    player = next(PLAYERS)
    with pytest.raises(ClientError, match="not valid"):
        SiteImporter(server.address, "0" * 40).set_key()
    with pytest.raises(ClientError, match="submit_score"):
        program(SiteImporter, server, player, "manage_rivals").send({"meta": SDVX, "scores": []})
    importer = program(SiteImporter, server, player)
    with pytest.raises(ClientError, match="lamp"):  # At once, or by the poll that says why.
        importer.send({"meta": SDVX, "scores": [sdvx_play(9_500_000, lamp="GREAT")]})


def test_an_importer_of_a_script_reads_either_form_of_the_answer(server: Service) -> None:
    """Scripts that were written for both: done with 200, or to be polled with 202."""
    bot = program(Bot, server, next(PLAYERS))
    document = {"meta": SDVX, "scores": [sdvx_play(9_400_000)]}
    answer = bot.ask("POST", "/ir/direct-manual/import", json=document)
    body = answer.json()["body"]
    is_done = answer.status_code == 200
    done = body if is_done else bot.polled(body["url"])
    assert len(done["scoreIDs"]) == 1
    assert body["importID"] == done["importID"]
    assert bot.polled(body["url"])["scoreIDs"] == done["scoreIDs"]


# --- beatoraja ------------------------------------------------------------------------------------


def beatoraja_play(**changes: Any) -> dict[str, Any]:
    counts = {"epg": 200, "egr": 70, "egd": 15, "ebd": 6, "epr": 3, "ems": 1}
    counts |= {"lpg": 200, "lgr": 80, "lgd": 15, "lbd": 6, "lpr": 2, "lms": 2}
    score = {"sha256": SHA256, "exscore": 950, "passnotes": 600, "gauge": 82.5, "minbp": 20}
    score |= {"deviceType": "KEYBOARD", "option": 2, "lntype": 0, "clear": "Normal", "assist": 0}
    chart = {"md5": MD5, "sha256": SHA256, "title": "Paper Comet", "subtitle": "", "genre": ""}
    chart |= {"artist": "The Testers", "subartist": "", "total": 300, "judge": 100, "lntype": 0}
    chart |= {"mode": "BEAT_7K", "notes": 600, "hasUndefinedLN": False, "hasRandom": False}
    score |= {"maxcombo": 210, **counts, **changes}
    return {"score": score, "chart": chart, "client": "LR2oraja 0.8.4"}


def test_beatoraja_logs_in_submits_and_shows_the_ranking(server: Service) -> None:
    player = next(PLAYERS)
    game = program(Beatoraja, server, player)
    assert game.log_in() == str(player)
    assert "Imported" in game.submit(beatoraja_play())
    assert "known" in game.submit(beatoraja_play())  # It sends again what it is not sure of.
    (score,) = plays_of(server, player)
    assert (score["scoreData"]["score"], score["scoreData"]["lamp"]) == (950, "CLEAR")
    mine = [row for row in game.ranking(SHA256) if row["player"] == ""]
    assert [row["epg"] * 2 + row["egr"] for row in mine] == [950]
    with pytest.raises(ClientError):
        game.submit(beatoraja_play(exscore=5000))


def test_beatoraja_with_a_wrong_key_switches_itself_off(server: Service) -> None:
    with pytest.raises(ClientError, match="not valid"):
        Beatoraja(server.address, "0" * 40).log_in()
    with pytest.raises(ClientError, match="whoami"):
        Guest(server.address, "").log_in()


class Guest(Beatoraja):
    """The plugin without any key."""

    def ask(self, method: str, url: str, **sent: Any) -> Any:
        return super().ask(method, url, **{**sent, "headers": {"Authorization": ""}})


# --- USC ------------------------------------------------------------------------------------------


def usc_play(score: int) -> dict[str, Any]:
    chart = {"chartHash": SHA1, "artist": "The Testers", "title": "Paper Comet", "level": 15}
    chart |= {"difficulty": 2, "effector": "nobody", "illustrator": "nobody", "bpm": "180"}
    options = {"gaugeType": 0, "gaugeOpt": 0, "mirror": False, "random": False, "autoFlags": 0}
    windows = {"perfect": 46, "good": 150, "hold": 150, "miss": 300, "slam": 84}
    counts = {"crit": 1066, "near": 7, "error": 4, "early": 5, "late": 2, "combo": 300}
    played = {"score": score, "gauge": 0.8, "timestamp": 1_700_000_000, **counts}
    return {"chart": chart, "score": {**played, "options": options, "windows": windows}}


def test_usc_submits_sends_replays_and_repeats(server: Service) -> None:
    player = next(PLAYERS)
    game = program(USC, server, player)
    assert game.heartbeat()
    first = game.submit(usc_play(9_500_000), b"replay")
    assert (first["isPB"], first["score"]["username"]) == (True, str(player))
    replay = server.folder / "files" / "uscir" / "replays" / first["sendReplay"]
    assert replay.read_bytes() == b"replay"
    again = game.submit(usc_play(9_500_000), b"replay")
    assert (again["isPB"], again["score"]) == (True, first["score"])
    lesser = game.submit(usc_play(9_400_000), b"other")
    assert (lesser["isPB"], lesser["score"]["score"]) == (False, 9_500_000)
    assert len(plays_of(server, player, 2)) == 2


# --- hooks ----------------------------------------------------------------------------------------


def test_itg_sends_a_play_whose_time_is_that_of_receipt(server: Service) -> None:
    player = next(PLAYERS)
    hook = program(Hook, server, player)
    counts = {"fantastic+": 20, "fantastic": 8, "excellent": 3, "great": 1}
    counts |= {"decent": 0, "wayoff": 0, "miss": 0}
    score = {"matchType": "itgChartHash", "identifier": ITG_HASH, "scorePercent": 96.5}
    score |= {"survivedPercent": 100, "lamp": "FULL COMBO", "judgements": counts, "optional": {}}
    meta = {"game": "itg", "playtype": "Stamina"}
    done = hook.polled(hook.submit(meta, score, **{"X-Infer-Score-TimeAchieved": "true"}))
    assert done["errors"] == []
    (stored,) = plays_of(server, player)
    assert abs(stored["timeAchieved"] - done["timeStarted"]) < 60_000


def test_mikado_sends_play_after_play(server: Service) -> None:
    player = next(PLAYERS)
    hook = program(Hook, server, player)
    more: dict[str, Any] = {"judgements": {"critical": 900, "near": 20, "miss": 3}}
    more["optional"] = {"fast": 12, "slow": 8, "maxCombo": 500, "gauge": 84.5}
    meta = {"game": "sdvx", "playtype": "Single", "version": "exceed"}
    for n in range(3):
        score = sdvx_play(9_000_000 + n, timeAchieved=1_700_000_000_000 + n * 200_000, **more)
        assert hook.polled(hook.submit(meta, score))["errors"] == []
    found = plays_of(server, player, 3)
    assert len({score["timeAchieved"] for score in found}) == 3
    assert found[0]["scoreData"]["optional"]["gauge"] == 84.5


def test_takure_sends_ddr_plays(server: Service) -> None:
    player = next(PLAYERS)
    hook = program(Hook, server, player)
    found = {"matchType": "ddrSongHash", "identifier": DDR_HASH, "difficulty": "BASIC"}
    counts = {"MARVELOUS": 100, "PERFECT": 20, "GREAT": 5, "GOOD": 0, "OK": 10, "MISS": 10}
    optional = {"exScore": 100 * 3 + 10 * 3 + 20 * 2 + 5, "fast": 9, "slow": 7, "maxCombo": 90}
    score = {**found, "score": 984_930, "lamp": "CLEAR", "judgements": counts}
    done = hook.polled(
        hook.submit({"game": "ddr", "playtype": "SP"}, {**score, "optional": optional})
    )
    assert done["errors"] == []
    (stored,) = plays_of(server, player)
    assert stored["scoreData"]["optional"]["exScore"] == optional["exScore"]


def test_popnhax_looks_for_a_compact_flag(server: Service) -> None:
    player = next(PLAYERS)
    hook = program(Hook, server, player)
    counts = {"cool": 300, "great": 50, "good": 5, "bad": 3}
    found = {"matchType": "popnChartHash", "identifier": POPN_HASH, "difficulty": "Easy"}
    score = {**found, "score": 85_000, "clearMedal": "clearStar", "judgements": counts}
    done = hook.polled(hook.submit({"game": "popn", "playtype": "9B"}, score))
    assert done["errors"] == []
    assert plays_of(server, player)[0]["scoreData"]["lamp"] == "CLEAR"


# --- a Discord bot --------------------------------------------------------------------------------


def test_a_bot_uploads_a_file_and_shows_personal_bests(server: Service, sample: Path) -> None:
    player = next(PLAYERS)
    bot = program(Bot, server, player)
    assert bot.log_in() == player
    content = (sample / "imports" / "batch-manual-sdvx-bento.json").read_bytes()
    done = bot.upload(content, "file/batch-manual")
    assert len(done["scoreIDs"]) + len(done["errors"]) >= len(json.loads(content)["scores"])
    lines = bot.shown(done)
    assert len(lines) == len(done["scoreIDs"]) > 0
    assert all(line.startswith(f"{player}: ") for line in lines)
    for pb in td.export_documents(server.store, "pbs", user_id=player)[:2]:
        for game in ("sdvx/Single", "sdvx"):
            assert bot.personal_best(game, pb["chartID"]) == pb["scoreData"]["score"]
    with pytest.raises(ClientError, match="no personal best"):
        bot.personal_best("sdvx", "nope")
