"""``tachi-data scores``: looking at scores, and taking some away."""

from __future__ import annotations

from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, counted, opened, print_json, print_table, say, whole_id
from tachi_data.errors import TachiError

app = typer.Typer(no_args_is_help=True, help="List scores with their titles, or delete some.")
SHOWN = ("time_achieved", "game", "title", "difficulty", "level", "score", "lamp", "score_id")


@app.command("list")
def list_(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    game: Annotated[
        str | None, typer.Option(help="Only this game, such as iidx or iidx:SP.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Only titles with this text in them.")] = None,
    limit: Annotated[int, typer.Option(help="The most scores that are shown, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List scores with their titles, newest first."""
    from tachi_data.tidy import newest_scores

    with opened(context, create=False) as store:
        newest, count = newest_scores(store, user, game, title=title, limit=limit)
    if as_json:
        print_json(newest.to_dicts())
        return
    columns = [name for name in SHOWN if name in newest.columns]
    print_table(f"{newest.height:,} of {count:,} scores", columns, newest.select(columns).rows())


@app.command()
def delete(
    context: typer.Context,
    score_id: Annotated[list[str], typer.Argument(help="IDs of scores, or their first letters.")],
    user: Annotated[int, typer.Option(help="The player whose scores these are.")],
    blacklist: Annotated[
        bool, typer.Option("--blacklist", help="Refuse these scores in later imports, too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count the scores, change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete scores of a player; personal bests, sessions, ratings and goals follow."""
    from tachi_data.upkeep import delete_scores

    with opened(context, create=False) as store:
        ids = [whole_id(store, "score", one) for one in score_id]
        count = delete_scores(store, user, ids, blacklist=blacklist, dry_run=dry_run)
    if not count and not blacklist:
        raise TachiError(f"Player {user} has none of these scores.")
    if as_json:
        print_json({"removed": count} | ({"dry_run": True} if dry_run else {}))
    elif dry_run:
        say(f"Nothing was changed; {counted(count, 'score')} would be deleted.")
    else:
        say(f"{counted(count, 'score')} deleted.")
