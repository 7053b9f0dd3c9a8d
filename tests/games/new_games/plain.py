"""A game with nothing but a score: the smallest that is legal."""

from tachi_data.games.model import GPT, Integer, PersonalBest

SOLO = GPT(
    game="plain",
    playtype="Solo",
    name="Plain",
    provided={"score": Integer(maximum=1_000_000)},
    default_metric="score",
    personal_best=PersonalBest("Best Score", by="score"),
)
GPTS = (SOLO,)
