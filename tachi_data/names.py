"""The one rule that turns a document's camelCase name into a column's snake_case name.

>>> [snake(name) for name in ("exScore", "gsmEXHard", "BPI", "ProfileVF6", "fantastic+", "2dxtraSet")]
['ex_score', 'gsm_ex_hard', 'bpi', 'profile_vf6', 'fantastic_plus', '2dxtra_set']
"""

from __future__ import annotations

import re
from functools import cache

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def snake(name: str) -> str:
    """Return the column of a name in documents.

    >>> snake("maxCombo")
    'max_combo'
    """
    return _WORD_START.sub("_", name.replace("+", "_plus")).lower()


def column_of(name: str) -> str:
    """Return the column of a metric by its document name; an optional metric is written ``optional.bp``.

    >>> [column_of(name) for name in ("noteLamp", "optional.exScore")]
    ['note_lamp', 'optional.ex_score']
    """
    group, _, last = name.rpartition(".")
    return f"{group}.{snake(last)}" if group else snake(last)
