"""What is stored of players, beside their scores."""

from __future__ import annotations

from tachi_data.tables.columns import stored

TABLES = (
    stored(
        "users",
        "user_id time_added",
        "One row is a player.",
    ),
    stored(
        "api_tokens",
        "token_hash user_id identifier permissions time_created time_expires",
        "One row is a token that is valid until it expires or is revoked.",
    ),
    stored(
        "accounts",
        "user_id username level",
        "One row is a player with a name, or with other rights than most.",
    ),
    stored(
        "web_sessions",
        "secret_hash user_id is_code time_expires",
        "One row is a browser that is logged in, or a link with which one can be.",
    ),
    stored(
        "integrations",
        "user_id service credentials time_changed",
        "One row is a player's link to another service; its credentials are encrypted.",
    ),
    stored(
        "client_settings",
        "user_id client settings",
        "One row is what a player set for a game client, as JSON.",
    ),
    stored(
        "import_locks",
        "user_id holder lease_until",
        "One row is a held lock.",
    ),
    stored(
        "time_stops",
        "user_id import_type last_score_time",
        "One row is up to when a player's scores at another service are known.",
    ),
    stored(
        "rivals",
        "user_id game playtype rival_id ordinal",
        "One row is a rival of a player on a game and playtype.",
    ),
)
