"""Choosing a player, a game or an import by a menu. The next cell reads ``.value``; a copy in HTML shows the choice."""

from __future__ import annotations

from typing import Any

import ipywidgets
import polars as pl

import tachi_data as td
from tachi_data.errors import TachiError
from tachi_data.escaping import as_html, visible
from tachi_data.explore.querying import query

MOST = 500


class Menu(ipywidgets.Dropdown):  # type: ignore[misc]
    """A menu; an HTML copy, in which nothing can be chosen, shows the choice."""

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        data = super()._repr_mimebundle_(**options) or {}
        return {**data, "text/html": f"<b>{as_html(self.description)}</b>: {as_html(self.label)}"}


def player(store: td.Store, chosen: int | None = None) -> ipywidgets.Dropdown:
    """Returns a menu of the players who have scores, those with the most scores first.

    Args:
        store: The store.
        chosen: The player who is chosen at first; None chooses the one with the most scores.

    Raises:
        TachiError: Nobody has a score, or ``chosen`` has none.
    """
    rows = query(store, "players_to_pick", most=MOST)
    label = pl.format(
        "{} ({} scores)", pl.coalesce("username", pl.format("player {}", "user_id")), "scores"
    )
    return _menu("Player", rows.select(label.alias("label"), "user_id"), chosen)


def gpt(store: td.Store, player: int, chosen: str | None = None) -> ipywidgets.Dropdown:
    """Returns a menu of the games and playtypes of which a player has scores, the most played first.

    Args:
        store: The store.
        player: The player.
        chosen: What is chosen at first, such as ``iidx:SP``; None chooses the most played.

    Raises:
        TachiError: The player has no score, or none of ``chosen``.
    """
    rows = query(store, "games_to_pick", user=player)
    name = pl.format("{}:{}", "game", "playtype")
    label = pl.format("{} ({} scores)", name, "scores")
    return _menu("Game", rows.select(label.alias("label"), name.alias("gpt")), chosen)


def an_import(store: td.Store, chosen: str | None = None) -> ipywidgets.Dropdown:
    """Returns a menu of the newest imports.

    Args:
        store: The store.
        chosen: The ID of the import that is chosen at first; None chooses the newest.

    Raises:
        TachiError: There is no import, or not this one.
    """
    rows = query(store, "imports_to_pick", most=MOST)
    time = pl.col("time_started").dt.strftime("%Y-%m-%d %H:%M")
    label = pl.format("{}  {}  player {} ({} failed)", time, "import_type", "user_id", "failed")
    return _menu("Import", rows.select(label.alias("label"), "import_id"), chosen)


def _menu(what: str, rows: pl.DataFrame, chosen: int | str | None) -> ipywidgets.Dropdown:
    options = [(visible(label), value) for label, value in rows.iter_rows()]
    values = [value for _, value in options]
    if chosen is not None and chosen not in values:
        raise TachiError(f"{what} {chosen!r:.200} has no scores in this store.")
    if not options:
        raise TachiError("The store has nothing to choose from: import some scores first.")
    start = values[0] if chosen is None else chosen
    return Menu(options=options, value=start, description=what)
