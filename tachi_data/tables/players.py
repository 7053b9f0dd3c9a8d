"""What is stored of players, beside their scores."""

from __future__ import annotations

import polars as pl

from tachi_data.store import Table

TIME = pl.Datetime("ms")
TEXT, INTEGER, FLAG = pl.String(), pl.Int64(), pl.Boolean()

TABLES = (
    Table("users", {"user_id": INTEGER, "time_added": TIME}, "One row is a player."),
    Table(
        "api_tokens",
        {
            "token_hash": pl.String(),
            "user_id": pl.Int64(),
            "identifier": pl.String(),
            "permissions": pl.List(pl.String),
            "time_created": TIME,
            "time_expires": TIME,
        },
        "One row is a token that is valid until it expires or is revoked.",
    ),
    Table(
        "accounts",
        {"user_id": pl.Int64(), "username": pl.String(), "level": pl.String()},
        "One row is a player with a name, or with other rights than most.",
    ),
    Table(
        "web_sessions",
        {
            "secret_hash": pl.String(),
            "user_id": pl.Int64(),
            "is_code": pl.Boolean(),
            "time_expires": TIME,
        },
        "One row is a browser that is logged in, or a link with which one can be.",
    ),
    Table(
        "integrations",
        {
            "user_id": pl.Int64(),
            "service": pl.String(),
            "credentials": pl.String(),
            "time_changed": TIME,
        },
        "One row is a player's link to another service; its credentials are encrypted.",
    ),
    Table(
        "client_settings",
        {"user_id": pl.Int64(), "client": pl.String(), "settings": pl.String()},
        "One row is what a player set for a game client, as JSON.",
    ),
    Table(
        "import_locks",
        {"user_id": INTEGER, "holder": TEXT, "lease_until": TIME},
        "One row is a held lock.",
    ),
)
