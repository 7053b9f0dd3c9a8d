"""The request for an import, and the imports that can be done together."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ImportJob:
    """A request for one import: the argument of `td.import_many`.

    Attributes:
        import_type: The ID of its import type, such as ``file/batch-manual``.
        source: A path, bytes, or (``ir/``, ``api/``) parsed JSON; None fetches it, for ``api/`` types,
            from the service that the player has linked.
        user_id: The player.
        user_intent: Whether the player asked for the import; it is only recorded.
        options: Form fields, headers and parts of the URL that the type's parser looks at.
        import_id: 40 hexadecimal digits, made up by default.
        fence: The attempt for which a worker took the import from the queue; None for others. A worker that was
            silent for too long loses the import to another one, whose attempt has a greater number.

    Example:
        >>> job = td.ImportJob("file/batch-manual", folder / "scores.json", user_id=7)
        >>> job.user_id, len(job.import_id)
        (7, 40)
    """

    import_type: str
    source: Any
    user_id: int
    user_intent: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    import_id: str = field(default_factory=lambda: secrets.token_hex(20))
    fence: int | None = None

    def __repr__(self) -> str:
        """One line: a source may be as long as a file."""
        source = self.source
        size = f"{len(source):,} bytes" if isinstance(source, bytes) else f"{source!r:.60}"
        return f"<ImportJob {self.import_id}: {self.import_type} of player {self.user_id}, {size}>"


def waves(jobs: Sequence[ImportJob]) -> Iterator[list[int]]:
    """Positions of jobs that can be done together: the first of each player, then the second ones.

    >>> jobs = [ImportJob("file/batch-manual", b"", player) for player in (7, 7, 8)]
    >>> list(waves(jobs))
    [[0, 2], [1]]
    """
    nth: dict[int, int] = {}
    found: list[list[int]] = []
    for index, job in enumerate(jobs):
        turn = nth.get(job.user_id, 0)
        nth[job.user_id] = turn + 1
        if turn == len(found):
            found.append([])
        found[turn].append(index)
    yield from found
