"""The recorded cases on a store whose catalogue is the same one in the form of v3.

Where the rules of a game did not change, everything agrees but the listed cases, which differ by ties. Where ratings,
metrics or classes changed, outcomes, score IDs and orphan IDs agree; where rules across metrics did, a score may be
invalid that was not, or the other way round, and the IDs agree.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tachi_data import games

HERE = Path(__file__).parent
FIELDS = ("metrics", "ratings", "session_ratings", "profile_ratings", "classes", "validators")


def changing(*fields: str) -> set[str]:
    """The games of which v3 changed one of these fields."""
    both = [
        (g, *pair)
        for g in games.names()
        for pair in zip(games.gpts(g), games.gpts(g, 3), strict=True)
    ]
    return {game for game, old, new in both for f in fields if getattr(old, f) != getattr(new, f)}


JUDGED, CHANGED = changing("validators"), changing(*FIELDS)
IDS = "fatal,ids,orphans,chartQueue"
TAKEN = f"{IDS},results,deorphan"
EVERYTHING = f"{TAKEN},scores,document,sessions,pbs,rankings,gameStats,classAchievements,goals"
# Import types that are not named after their game, which is one that changed.
OF_IIDX_OR_SDVX = ("solid-state-squad", "fervidex", "kshook", "barbatos")


@pytest.fixture(scope="module")
def v3_shared(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared files with catalogues in the form of v3, and the cases in three folders."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "tools").mkdir()
    shutil.copy(shared / "tools" / "conformance.py", folder / "tools")
    for name in ("catalogue", "conformance/catalogue-bms-pms"):
        command = [sys.executable, str(shared / "tools" / "to_v3.py"), str(shared / name)]
        subprocess.run([*command, str(folder / name)], check=True, capture_output=True)
    for file in sorted((shared / "conformance").glob("*.ndjson")):
        for line in file.read_text(encoding="utf-8").strip().split("\n"):
            about = games_of(json.loads(line))
            part = "judged" if about & JUDGED else "rated" if about else "same"
            (folder / part).mkdir(exist_ok=True)
            with (folder / part / file.name).open("a", encoding="utf-8") as cases:
                cases.write(f"{line}\n")
    deviations = (HERE / name for name in ("deviations.toml", "deviations_v3.toml"))
    (folder / "deviations.toml").write_text("\n".join(d.read_text() for d in deviations))
    return folder


def games_of(case: dict[str, Any]) -> set[str]:
    """The games that a case is about, as far as they changed."""
    text = json.dumps(case)
    kinds = [run["importType"] for run in (case, *(case.get("before") or []))]
    named = {game for game in CHANGED if f'"{game}"' in text}
    named |= {game for game in CHANGED for kind in kinds if game in kind}
    return named | (
        {"iidx"} if any(n in kind for kind in kinds for n in OF_IIDX_OR_SDVX) else set()
    )


@pytest.mark.parametrize(
    ("part", "aspects"), [("same", EVERYTHING), ("rated", TAKEN), ("judged", IDS)]
)
def test_recorded_cases_agree_on_a_store_of_v3(part: str, aspects: str, v3_shared: Path) -> None:
    command = [
        sys.executable,
        str(v3_shared / "tools" / "conformance.py"),
        str(v3_shared / part),
        *("--aspects", aspects, "--jobs", "1", "--json"),
        *("--deviations", str(v3_shared / "deviations.toml")),
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode in (0, 1), run.stderr
    assert json.loads(run.stdout)["bad"] == {}
