"""``tachi-data goals``: subscriptions to goals and quests."""

from __future__ import annotations

from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, opened, print_json, print_table, sql

app = typer.Typer(no_args_is_help=True, help="Subscribe to goals and quests, and list progress.")
User = Annotated[int, typer.Option(help="ID of the player.")]
Goals = Annotated[list[str] | None, typer.Option("--goal", help="ID of a goal; may be repeated.")]
Quests = Annotated[
    list[str] | None, typer.Option("--quest", help="ID of a quest; may be repeated.")
]


@app.command()
def subscribe(
    context: typer.Context,
    user: User,
    goal: Goals = None,
    quest: Quests = None,
    even_achieved: Annotated[
        bool,
        typer.Option(
            "--even-achieved", help="Accept goals that are achieved or subscribed to already."
        ),
    ] = False,
) -> None:
    """Subscribe a player to quests, with all their goals, and to single goals."""
    import tachi_data as td

    with opened(context, create=False) as store:
        td.subscribe(store, user, goal or (), quest or (), standalone=not even_achieved)
    typer.echo("Subscribed.")


@app.command()
def unsubscribe(
    context: typer.Context, user: User, goal: Goals = None, quest: Quests = None
) -> None:
    """End subscriptions; with a quest go the goals that came with it."""
    import tachi_data as td

    with opened(context, create=False) as store:
        td.unsubscribe(store, user, goal or (), quest or ())
    typer.echo("Unsubscribed.")


@app.command("list")
def list_(context: typer.Context, user: User, as_json: AsJson = False) -> None:
    """List a player's goals and quests with the progress."""
    with opened(context, create=False) as store:
        goals = store.query(
            sql("goals_of_player"),
            {"user": user},
        )
        quests = store.query(
            sql("quests_of_player"),
            {"user": user},
        )
    if as_json:
        print_json({"goals": goals.to_dicts(), "quests": quests.to_dicts()})
        return
    print_table("Goals", goals.columns, goals.iter_rows())
    print_table("Quests", quests.columns, quests.iter_rows())


@app.command()
def questlines(context: typer.Context, user: User, as_json: AsJson = False) -> None:
    """Show how far a player is with questlines, subscribed or not."""
    from tachi_data.standings.goals import questline_progress

    with opened(context, create=False) as store:
        rows = questline_progress(store, user)
    if as_json:
        print_json(rows.to_dicts())
    else:
        print_table("Questlines", rows.columns, rows.iter_rows())
