"""Import the score files of a folder, chunk by chunk: parse, match, validate, emit.

How the folder is laid out says `pipelines._inbox`; where no import type is given, sub-folders name it.
A folder that is looked at every minute is an inbox. Players share no chunk, so chunks can be done side
by side, by threads or on the workers of a Dask scheduler, which must all see the folder.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts, _catalogue, _inbox
from pipelines._outcome import counted, ended, forget_nothing, listed, nothing
from pipelines._runners import all_done, runner
from tachi_data.importing import waves
from tachi_data.imports import follow_up
from tachi_data.store import statements

sql = statements("pipelines")


@task(cache_policy=NO_CACHE, task_run_name="parse")
def parse(imports: td.ImportSet) -> dict[str, int]:
    """Read and parse the files into frames of datapoints."""
    parsed = imports.parse()
    return {"files": len(parsed.jobs), "refused": len(parsed.refused)}


@task(cache_policy=NO_CACHE, task_run_name="match")
def match(imports: td.ImportSet) -> dict[str, int]:
    """Find the charts, with joins against the catalogue."""
    return {"datapoints": sum(rows.height for rows in imports.match().frames)}


@task(cache_policy=NO_CACHE, task_run_name="validate")
def validate(imports: td.ImportSet) -> dict[str, int]:
    """Complete the scores, and refuse those that break a rule of their game."""
    return {game: rows.height for game, rows in imports.validate().scores.items()}


@task(cache_policy=NO_CACHE, task_run_name="emit")
def emit(imports: td.ImportSet) -> dict[str, int]:
    """Store the scores and all that follows from them."""
    outcomes = imports.emit()
    return {"imports": len(outcomes) - len(outcomes.refused)}


@task(cache_policy=NO_CACHE, task_run_name="chunk {number}")
def import_chunk(
    store: str,
    folder: str,
    names: list[str],
    import_type: str | None,
    options: dict[str, Any],
    number: int,
) -> dict[str, Any]:
    """Import one chunk; a player's first file goes stage by stage, any further ones after that."""
    # Dask does a chunk again when its worker dies; files that were moved by then are done.
    inbox, paths = Path(folder), [path for path in map(Path, names) if path.exists()]
    jobs = [_inbox.job(inbox, path, import_type, options) for path in paths]
    first, *others = waves(jobs) if jobs else [[]]
    with td.open_store(store) as opened:
        imports = td.ImportSet(opened, [jobs[i] for i in first])
        for stage in (parse, match, validate, emit):
            stage(imports)
        further = [index for wave in others for index in wave]
        follow_up(opened, imports.outcomes)
        outcomes = [*imports.outcomes, *td.import_many(opened, [jobs[i] for i in further])]
    by_position = dict(zip([*first, *further], outcomes, strict=True))
    ordered = [by_position[i] for i in range(len(jobs))]
    counts = _inbox.settle(inbox, paths, ordered)
    refused = [
        (path.name, outcome.fatal.message)
        for path, outcome in zip(paths, ordered, strict=True)
        if outcome.fatal is not None and outcome.fatal.status_code != _inbox.BUSY
    ]
    ids = [o.import_id for o in ordered if o.fatal is None]
    return {"counts": dict(counts), "ids": ids, "refused": refused}


@flow(name="import-files", flow_run_name="files of {folder}", on_completion=[forget_nothing])
def import_files(
    store: str,
    folder: str,
    import_type: str | None = None,
    pattern: str = "*",
    options: dict[str, Any] | None = None,
    chunk: int = 1000,
    dask_address: str | None = None,
    catalogue: str | None = None,
) -> dict[str, int]:
    """Import all files of the folder; returns how many datapoints ended how.

    Args:
        store: File or URL of the store.
        folder: `<import type>/<player's ID>/<file>`, or `<player's ID>/<file>` of the type given here.
        import_type: The type of all files, if the folders do not name it.
        pattern: Which files, such as `*.json`.
        options: Options of the import type, such as `playtype`; `options.json` in folders changes them.
        chunk: About how many files are imported at once.
        dask_address: Dask scheduler whose workers do the chunks; without it, threads do.
        catalogue: Folder or Git URL that is loaded first where the store has no catalogue.
    """
    inbox = Path(folder)
    aside = _inbox.set_aside(inbox, import_type)
    found, refused = _inbox.without_wrong_options(inbox, _inbox.files(inbox, pattern, import_type))
    misplaced = _inbox.misplaced(inbox, import_type)
    if not (found or refused or misplaced or aside):
        return nothing({})
    problems = _catalogue.ready(store, catalogue) if found else []
    strangers = _strangers(store, found)
    facts = {"store": store, "folder": folder, "import_type": import_type, "options": options or {}}
    with runner(dask_address) as workers:
        runs = [
            workers.submit(
                import_chunk, {**facts, "names": list(map(str, paths)), "number": number}
            )
            for number, paths in enumerate(_inbox.chunks(found, chunk), start=1)
        ]
        done = all_done(runs, "import", "Chunks imported") if runs else []
    total = sum((Counter(part["counts"]) for part in done), Counter[str]())
    total += Counter({"refused files": len(refused), "misplaced files": len(misplaced) + aside})
    reasons = [(path.name, reason) for path, reason in (refused | misplaced).items()]
    reasons += [tuple(pair) for part in done for pair in part["refused"]]
    import_ids = [import_id for part in done for import_id in part["ids"]]
    with td.open_store(store) as opened:
        _artifacts.imports(opened, inbox, len(found) + len(refused), total, import_ids)
    _artifacts.refused(reasons)
    problems += [f"{name}: {reason}" for name, reason in reasons]
    if aside:
        problems.append(f"{aside:,} folders are named by a number that no player can have.")
    if strangers:
        problems.append(f"Players whom the store did not know before: {strangers}.")
    return ended(dict(total), f"{counted(len(found), 'files')}: {listed(total)}", problems)


def _strangers(store: str, paths: list[Path]) -> str:
    """Return the players of the files whom the store does not know, in words; their files are imported."""
    players = sorted(set(map(_inbox.player, paths)))
    with td.open_store(store) as opened:
        unknown = opened.query(sql("unknown_players"), {"players": players})["user_id"].to_list()
    shown = ", ".join(map(str, unknown[:10]))
    return f"{shown} and {len(unknown) - 10:,} more" if len(unknown) > 10 else shown
