"""Subscribing a player to goals and quests, and ending subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments
from tachi_data.errors import TachiError
from tachi_data.players.users import create_users
from tachi_data.standings.goals.evaluation import PAIR, evaluate, load_goals
from tachi_data.standings.goals.progress import begin_subs, beginning, known_subs
from tachi_data.standings.goals.quests import QUEST, evaluate_quests, quest_goals
from tachi_data.store import Store, Transaction, execute, expect_store, insert, query, statements
from tachi_data.tables.standings import QUEST_SUBS

sql = statements("tachi_data.standings.goals")


def subscribe(
    store: Store,
    user_id: int,
    goals: Sequence[str] = (),
    quests: Sequence[str] = (),
    now: int | None = None,
    *,
    standalone: bool = False,
) -> None:
    """Subscribe a player to quests, with all their goals, and then to single goals.

    Args:
        store: The store, with the goals and quests of the catalogue.
        user_id: The player; created if unknown.
        goals: IDs of goals; an existing subscription to a goal stays as it is.
        quests: IDs of quests.
        now: Unix milliseconds, to fix the clock.
        standalone: Whether the player asked for exactly these goals and quests. Then a goal or quest that
            is achieved or subscribed to already is refused, and a goal stays when a quest that contains it
            is unsubscribed.

    Raises:
        TachiError: A goal or quest does not exist, or is refused; nothing is stored.

    Example:
        >>> goal = {"goalID": "clear", "game": "wacca", "playtype": "Single", "name": "CLEAR a chart"}
        >>> goal["charts"] = {"type": "single", "data": "paper-lantern-hard"}
        >>> goal["criteria"] = {"mode": "single", "key": "lamp", "value": 1}
        >>> diff = td.patch_catalogue(store, {"goals": [goal]})
        >>> td.subscribe(store, 7, goals=["clear"])
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> [change["new"]["progressHuman"] for change in outcome.document["goalInfo"]]
        ['CLEAR']
    """
    expect_store(store)
    arguments.player(user_id)
    goals = arguments.listed("goals", goals, '["G…"]')
    quests = arguments.listed("quests", quests, '["Q…"]')
    with store.write() as con:
        tx = Transaction.at(con, now)
        games_of_quests, games_of_goals = (
            _games("quest", sql("games_of_quests"), quests, con),
            _games("goal", sql("games_of_goals"), goals, con),
        )
        create_users(pl.Series([user_id]), tx.now, con)
        for game, ids in games_of_quests.items():
            _subscribe_to_quests(
                _pairs(user_id, "quest_id", ids), game, tx, refuse_achieved=standalone
            )
        for game, ids in games_of_goals.items():
            asked = _pairs(user_id, "goal_id", ids)
            if standalone:
                _subscribe_standalone(asked, game, tx)
            else:
                begin_subs(asked, load_goals(asked["goal_id"], game, con), tx)


def unsubscribe(
    store: Store, user_id: int, goals: Sequence[str] = (), quests: Sequence[str] = ()
) -> None:
    """End a player's subscriptions to quests, and then to single goals.

    The subscriptions to goals that came with a quest end with it, unless another subscribed quest contains
    the goal.

    Args:
        store: The store.
        user_id: The player.
        goals: IDs of goals.
        quests: IDs of quests.

    Args:
        store: The store.
        user_id: The player.
        goals: IDs of goals.
        quests: IDs of quests.

    Raises:
        TachiError: The player has no such subscription, or a subscribed quest contains the goal; nothing is
            changed.

    Example:
        >>> td.unsubscribe(store, 7, goals=["clear"])
        Traceback (most recent call last):
            ...
        tachi_data.errors.TachiError: The goal clear is not subscribed to.
    """
    expect_store(store)
    arguments.player(user_id)
    goals = arguments.listed("goals", goals, '["G…"]')
    quests = arguments.listed("quests", quests, '["Q…"]')
    with store.write() as con:
        _end_quests(user_id, quests, con)
        _end_goals(user_id, goals, con)


def _pairs(user_id: int, name: str, ids: Iterable[str]) -> pl.DataFrame:
    pairs = pl.DataFrame({name: list(ids)}, schema={name: pl.String}).unique(maintain_order=True)
    return pairs.select(pl.lit(user_id, dtype=pl.Int64).alias("user_id"), name)


def _games(
    subject: str, text: str, ids: Sequence[str], con: DuckDBPyConnection
) -> Mapping[str, list[str]]:
    """Returns the IDs by game, by a statement over ``wanted``; refuses unknown ones."""
    found = query(
        con,
        text,
        wanted=pl.DataFrame({"id": list(ids)}, schema={"id": pl.String}),
    )
    unknown = sorted(set(ids) - set(found["id"]))
    if unknown:
        raise TachiError(f"There is no {subject} {', '.join(unknown)}.")
    return {
        game: rows["id"].to_list()
        for (game,), rows in found.partition_by("game", as_dict=True).items()
    }


def _refuse(subject: str, ids: pl.Series, why: str) -> None:
    if not ids.is_empty():
        raise TachiError(f"The {subject} {', '.join(ids.sort())} {why}.")


def _subscribe_to_quests(
    asked: pl.DataFrame, game: str, tx: Transaction, *, refuse_achieved: bool
) -> None:
    """Subscribe players to quests of one game (``user_id, quest_id``) and to the quests' goals."""
    known = query(tx.con, sql("known_quest_subs"), asked=asked)
    _refuse("quest", known["quest_id"], "is subscribed to already")
    tally = evaluate_quests(asked, game, tx.con)
    if refuse_achieved:
        _refuse("quest", tally.filter("achieved")["quest_id"], "is achieved already")
    members = quest_goals(asked["quest_id"], game, tx.con)
    wanted = asked.join(members, on="quest_id").select(PAIR)
    begin_subs(wanted, load_goals(wanted["goal_id"], game, tx.con), tx)
    begun = (
        asked.join(tally, on=QUEST, maintain_order="left")
        .join(_playtypes(asked, tx.con), on="quest_id", maintain_order="left")
        .with_columns(**beginning(tx.now), game=pl.lit(game))
    )
    insert(tx.con, QUEST_SUBS.name, begun.select(*QUEST_SUBS.columns))


def _playtypes(asked: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    text = sql("playtypes_of_quests")
    return query(con, text, wanted=asked)


def _subscribe_standalone(asked: pl.DataFrame, game: str, tx: Transaction) -> None:
    """Subscribe players to goals that they asked for themselves.

    A goal that came with a quest becomes standalone too; one that is achieved already is refused.
    """
    known = known_subs(asked, tx.con)
    _refuse("goal", known.filter("was_assigned_standalone")["goal_id"], "is subscribed to already")
    goals = load_goals(asked["goal_id"], game, tx.con)
    new = asked.join(known, on=PAIR, how="anti", maintain_order="left")
    evaluated = evaluate(new, goals, tx.con)
    _refuse("goal", new.join(evaluated, on=PAIR, how="anti")["goal_id"], "cannot be evaluated")
    _refuse("goal", evaluated.filter("achieved")["goal_id"], "is achieved already")
    begin_subs(new, goals, tx, standalone=True)
    execute(tx.con, sql("make_standalone"), asked=asked)


def _end_quests(user_id: int, quests: Sequence[str], con: DuckDBPyConnection) -> None:
    asked = _pairs(user_id, "quest_id", quests)
    known = query(con, sql("known_quest_subs"), asked=asked)
    _refuse("quest", asked.join(known, on=QUEST, how="anti")["quest_id"], "is not subscribed to")
    execute(con, sql("end_goals_of_quests"), asked=asked)
    execute(con, sql("delete_quest_subs"), asked=asked)


def _end_goals(user_id: int, goals: Sequence[str], con: DuckDBPyConnection) -> None:
    asked = _pairs(user_id, "goal_id", goals)
    known = known_subs(asked, con)
    _refuse("goal", asked.join(known, on=PAIR, how="anti")["goal_id"], "is not subscribed to")
    held = query(con, sql("goals_held_by_quests"), asked=asked)
    _refuse("goal", held["goal_id"], "belongs to a quest that is subscribed to")
    execute(con, sql("delete_goal_subs"), asked=asked)
