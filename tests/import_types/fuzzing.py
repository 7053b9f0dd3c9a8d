"""Broken inputs without end: ``python -m tests.import_types.fuzzing 100000 1`` (how many, and a seed).

Every input follows from the seed, its subject (an import type, or a form of the catalogue) and its number,
so that what was found can be made again. Imports are dry runs of hundreds at once, each of another player.
"""

from __future__ import annotations

import argparse
import copy
import faulthandler
import logging
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, get_args

import tachi_data as td
from tachi_data.catalogue import apply, patch_of
from tachi_data.errors import LONGEST, CatalogueError
from tachi_data.halving import each
from tachi_data.import_types.model import Outcome
from tests.catalogue import documents as v2
from tests.catalogue import v3_documents as v3
from tests.import_types.mutations import VALUES, changed_json, random_changes, random_source
from tests.import_types.samples import NOW, SAMPLES, Sample

AT_ONCE = 400
# Of some hundred inputs, on a machine that does other work, too.
LONGEST_S = 1_800
CATALOGUES = {"catalogue of v2": v2.SMALL, "catalogue of v3": v3.SMALL}
# An InternalError would be a rule of ours that the code breaks.
FINE = {"ScoreImported", "OrphanExists", *get_args(Outcome)} - {"InternalError"}
OpenStore = Callable[[dict[str, Any]], td.Store]


@dataclass(frozen=True)
class Finding:
    """An input that did not end as it should.

    Attributes:
        subject: An import type, or a form of the catalogue.
        number: Which input of the subject it is.
        what: What happened.
    """

    subject: str
    number: int
    what: str


def chance_of(seed: int, subject: str, number: int) -> Random:
    """The chance that makes an input."""
    return Random(f"{seed} {subject} {number}")


def job(sample: Sample, seed: int, number: int) -> td.ImportJob:
    """A broken import; of one in ten an option is broken, too."""
    chance = chance_of(seed, sample.import_type, number)
    options = dict(sample.options)
    source = random_source(sample, chance)
    if options and chance.random() < 0.1:
        options[chance.choice(sorted(options))] = chance.choice(VALUES)
    return td.ImportJob(sample.import_type, source, number + 1, options=options)


def fuzz_imports(
    sample: Sample, store: td.Store, seed: int, numbers: range, counts: Counter[str]
) -> Iterator[Finding]:
    """Import broken sources of one type; counts how they end, and finds those that end wrongly."""
    jobs = [job(sample, seed, number) for number in numbers]

    def done(some: Sequence[td.ImportJob]) -> list[td.ImportOutcome | Exception]:
        return list(td.import_many(store, some, now=NOW, dry_run=True))

    for number, found in zip(numbers, each(jobs, done), strict=True):
        if isinstance(found, Exception):
            yield Finding(sample.import_type, number, f"{type(found).__name__}: {found}")
            continue
        counts["refused" if found.fatal else "read"] += 1
        counts.update(found.datapoints["outcome"])
        if what := wrong(found):
            yield Finding(sample.import_type, number, what)


def wrong(found: td.ImportOutcome) -> str | None:
    """What is wrong with an outcome: each datapoint has to have one, and each refusal its words."""
    rows = found.datapoints
    if found.fatal is not None and not 0 < len(found.fatal.message) <= LONGEST:
        return f"refused with {found.fatal.status_code}: {found.fatal.message}"
    if rows["row"].to_list() != list(range(rows.height)):
        return f"the datapoints are {rows['row'].to_list()}"
    if (rows["message"].str.len_chars() > LONGEST).any():
        return "a message of a datapoint is too long"
    strange = rows.filter(~rows["outcome"].is_in(list(FINE)).fill_null(False))
    return None if strange.is_empty() else str(strange.select("outcome", "message").row(0))


def fuzz_catalogue(
    subject: str, store: td.Store, seed: int, numbers: range, counts: Counter[str]
) -> Iterator[Finding]:
    """Load broken catalogues; each is stored or refused with a CatalogueError."""
    for number in numbers:
        documents = broken_catalogue(subject, seed, number)
        try:
            with store.write(keep=False) as con:
                str(apply(con, patch_of(documents, origin="patch", con=con), now=0))
            counts["loaded"] += 1
        except CatalogueError as error:
            counts["refused"] += 1
            if not 0 < len(str(error)) <= LONGEST:
                yield Finding(subject, number, f"{len(str(error))} characters: {error}")
        except Exception as error:
            yield Finding(subject, number, f"{type(error).__name__}: {error}")


def broken_catalogue(subject: str, seed: int, number: int) -> dict[str, Any]:
    """A small catalogue with up to six changes inside of it."""
    chance = chance_of(seed, subject, number)
    found: dict[str, Any] = copy.deepcopy(CATALOGUES[subject])
    for name in chance.sample(sorted(found), chance.randint(1, 2)):
        found[name] = changed_json(found[name], random_changes(chance, VALUES))
    return found


def fuzz(most: int, seed: int, open_store: OpenStore) -> Iterator[tuple[str, Any]]:
    """Try inputs of all subjects in turn; yields each subject with its counts, seconds and findings."""
    subjects = [*(sample.import_type for sample in SAMPLES), *CATALOGUES]
    samples = {sample.import_type: sample for sample in SAMPLES}
    share = -(-most // len(subjects))
    for subject in subjects:
        counts, findings, began = Counter[str](), list[Finding](), time.monotonic()
        for start in range(0, share, AT_ONCE):
            numbers = range(start, min(share, start + AT_ONCE))
            faulthandler.dump_traceback_later(LONGEST_S, exit=True)
            if subject in samples:
                sample = samples[subject]
                store = open_store(sample.catalogue)
                findings += fuzz_imports(sample, store, seed, numbers, counts)
            else:
                findings += fuzz_catalogue(subject, open_store({}), seed, numbers, counts)
        faulthandler.cancel_dump_traceback_later()
        yield subject, (counts, time.monotonic() - began, findings)


def main() -> None:
    """Try inputs, and say what was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("most", type=int, nargs="?", default=100_000, help="how many inputs")
    arguments.add_argument("seed", type=int, nargs="?", default=1)
    given = arguments.parse_args()
    logging.disable()  # Sets that are halved; what breaks them is among the findings.
    found = 0
    with tempfile.TemporaryDirectory() as folder:

        def open_store(catalogue: dict[str, Any]) -> td.Store:
            path = Path(folder, f"{hash(str(catalogue))}.duckdb")
            store = td.open_store(path)
            if store.query("SELECT 1 FROM charts LIMIT 1").is_empty() and catalogue:
                td.patch_catalogue(store, catalogue)
            return store

        for subject, (counts, seconds, findings) in fuzz(given.most, given.seed, open_store):
            print(f"{subject}: {seconds:.1f} s, {dict(counts.most_common())}", flush=True)
            for finding in findings:
                print(f"    input {finding.number}: {finding.what}"[:600], flush=True)
            found += len(findings)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{found} findings; at most {memory} MiB of memory")
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
