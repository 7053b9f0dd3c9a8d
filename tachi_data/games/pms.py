"""PMS, the community's pop'n music, with a controller or a keyboard. Its best judgement is COOL.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

from tachi_data.games import bms
from tachi_data.games.match_types import SONG_ID
from tachi_data.games.model import Class, OneOf

DANS = (*bms.numbered("INSANE_", 1, 10), "INSANE_KAIDEN", "OVERJOY", "UNDEFINED")
CONTROLLER = replace(
    bms.SEVEN_KEYS,
    game="pms",
    playtype="Controller",
    name="PMS",
    judgements=("cool", "great", "good", "bad", "poor"),
    # BMS checks that the score is twice the PGREATs plus the GREATs; here nothing is called so.
    validators=(),
    match_types=(SONG_ID, replace(bms.CHART_HASH, playtype="looked up")),
    classes={"dan": Class(DANS)},
    score_meta={
        "random": OneOf(bms.RANDOMS),
        "client": OneOf(("beatoraja",)),
        "gauge": OneOf(bms.GAUGES),
    },
)
GPTS = (CONTROLLER, replace(CONTROLLER, playtype="Keyboard"))
V3 = tuple(gpt.in_v3(ranking=("score", "lamp", "optional.bp")) for gpt in GPTS)
