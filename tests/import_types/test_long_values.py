"""Values of 5,000 characters, each at every place of every sample: a message repeats at most 200 of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

import tachi_data as td
from tachi_data.errors import MOST_QUOTED
from tests.conftest import Open
from tests.import_types.mutations import TOKEN, slots
from tests.import_types.samples import NOW, SAMPLES, Sample

# No message of ours has this letter.
LETTER = "ж"
LONG = LETTER * 5_000
# Of each sample.
MOST = 40


def long_sources(sample: Sample) -> Iterator[Any]:
    """The sample with a long text in place of one value, option of a member, or cell."""
    if sample.path.suffix != ".json":
        text = sample.path.read_text()
        for found in TOKEN[sample.path.suffix[1:]].finditer(text):
            yield (text[: found.start()] + LONG + text[found.end() :]).encode()
        return
    content = json.loads(sample.path.read_text())
    for number, (_, name) in enumerate(slots(content)):
        for is_name in (False, True)[: 1 + isinstance(name, str)]:
            changed = copy.deepcopy(content)
            holder, key = list(slots(changed))[number]
            if is_name:
                holder[LONG] = holder.pop(key)
            else:
                holder[key] = LONG
            yield json.dumps(changed).encode() if sample.is_file else changed


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.import_type)
def test_a_message_repeats_little_of_a_long_value(sample: Sample, open_stores: Open) -> None:
    sources = list(long_sources(sample))
    jobs = [
        td.ImportJob(sample.import_type, source, player, options=sample.options)
        for player, source in enumerate(sources[:: -(-len(sources) // MOST)], 1)
    ]
    outcomes = td.import_many(open_stores(sample.catalogue), jobs, now=NOW, dry_run=True)
    messages = {
        message
        for outcome in outcomes
        for message in (
            *outcome.datapoints["message"].drop_nulls(),
            *([outcome.fatal.message] if outcome.fatal else []),
        )
    }
    repeated = {message for message in messages if message.count(LETTER) > MOST_QUOTED}
    assert not repeated
    # This one has no message about a cell that it repeats.
    is_silent = sample.import_type == "file/mypagescraper-player-csv"
    assert is_silent != any(LETTER in message for message in messages)
