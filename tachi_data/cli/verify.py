"""``tachi-data verify``: compares the stored rows with the rows that follow from the scores."""

from __future__ import annotations

from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, counted, opened, print_json, print_table, working


def verify(
    context: typer.Context,
    user: Annotated[
        list[int] | None, typer.Option(help="Only this player; may be repeated.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Store the recomputed rows.")] = False,
    recompute: Annotated[
        bool,
        typer.Option(
            "--recompute", help="Also derive the scores again, after charts were corrected."
        ),
    ] = False,
    limit: Annotated[int, typer.Option(help="The most differences that are shown.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Recompute personal bests, sessions, profiles and goals, and report the differences.

    Which scores share a session depends on when each was imported and stays as it is, if it can be.

    What follows from charts or rules that have changed since is stale, and no mistake; --repair derives it anew.

    Exit code 1 if something is wrong and was not repaired.
    """
    import tachi_data as td

    with opened(context, create=False) as store, working("Verifying", hidden=as_json) as say:
        found = td.verify(
            store,
            user or None,
            repair=repair,
            recompute=recompute,
            progress=lambda seen: say(f"{seen:,} players"),
        )
    stale = found.filter(problem="stale").height
    wrong = found.height - stale
    if as_json:
        print_json(found.to_dicts())
    elif found.is_empty():
        typer.echo("Everything is as it should be.")
    else:
        print_table(
            "Repaired" if repair else "Differences", found.columns, found.head(limit).rows()
        )
        typer.echo(f"{counted(wrong, 'difference')}.")
        if stale:
            typer.echo(
                f"{stale:,} values are stale: they follow from older charts or rules, and are no mistakes."
                + ("" if repair else " `tachi-data verify --repair` derives them anew.")
            )
    if wrong and not repair:
        raise typer.Exit(1)
