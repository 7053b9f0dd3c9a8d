"""An import type: a parser, and declarations that turn its datapoints into dry scores.

A datapoint is one record of the source. Its frame has

- ``raw.<path>``: the record's members, named by its declaration;
- ``context.<name>``: the members of the context, which all datapoints of one source share;
- ``nulls.<member>``: see `Object`.

Expressions of a `Conversion` are over these columns; rules and columns that need the matched chart may
also use ``chart.<name>`` and ``song.<name>`` of the game.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import polars as pl

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.games import GPT
from tachi_data.import_types.clients import Question, Route
from tachi_data.import_types.declarations import check_conversion
from tachi_data.records import Fitted, fit
from tachi_data.records.schema import Object

Outcome = Literal[
    "Skipped", "InvalidDatapoint", "InternalError", "SongOrChartNotFound", "AmbiguousTitle"
]
Moment = Literal["reading", "song", "chart"]


@dataclass(frozen=True)
class Source:
    """The content and the options of an import.

    ``data`` is the file's bytes, the parsed JSON body (``ir/``), or recorded answers of the upstream
    (``api/``); ``options`` are form fields, headers and parts of the URL; ``now`` is the time of
    receipt in unix milliseconds.
    """

    data: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    now: int = 0
    user_id: int = 0


@dataclass(frozen=True)
class Parsed:
    """The result of a parser: datapoints and their context.

    ``datapoints`` are JSON records, or for formats without JSON a frame with one column ``raw.<path>``
    per leaf of the record's schema. ``lines`` are their line numbers in the source, where it has
    lines. ``context`` is stored with orphans, verbatim. ``classes`` is None where the format has no
    class provider, else {playtype: {class set: value}}. ``version`` must be one that the game or a
    chart knows, or the import is refused. ``playtype`` chooses the conversion, and binds every
    look-up whose match names none; a game with one playtype needs none.
    """

    game: str
    datapoints: Sequence[Mapping[str, Any]] | pl.DataFrame
    context: Mapping[str, Any] = field(default_factory=dict)
    playtype: str | None = None
    lines: Sequence[int] | None = None
    classes: Mapping[str, Mapping[str, str | None]] | None = None
    version: str | None = None


@dataclass(frozen=True, eq=False)
class Rule:
    """Datapoints for which ``when`` is true get this outcome and message. Null counts as false.

    ``after`` says what has been settled before: nothing but reading the record, the song, or the
    chart. Rules of one moment are tried in order and the first that applies decides.
    """

    outcome: Outcome
    when: pl.Expr
    message: pl.Expr | str
    after: Moment = "chart"


@dataclass(frozen=True, eq=False)
class UnknownChart:
    """The description of a chart by a datapoint, for a chart that is not in the catalogue.

    Such a chart waits until enough players have played it. It is known by ``playtype`` and
    ``sha256``; ``chart`` and ``song`` are JSON texts of the documents it becomes, without their IDs.
    """

    playtype: pl.Expr
    sha256: pl.Expr
    md5: pl.Expr
    chart: pl.Expr
    song: pl.Expr


@dataclass(frozen=True, eq=False)
class Conversion:
    """How a record becomes a dry score.

    ``columns`` name the columns of the dry score: provided metrics, ``judgements.<name>``,
    ``optional.<name>``, ``service``, ``time_achieved``, ``comment``, ``score_meta`` (JSON text),
    ``highlight`` (whether the player marked it; a score that is known already is marked, too).
    ``match`` names what to look up (see `tachi_data.matching`). A judgement or optional metric
    that is null is stored as null, unless ``absent`` lists it: then it is left out.
    ``explicit_nulls`` replaces that rule where the source itself tells null from absent.
    ``unknown_chart`` is there where the source describes charts, so that players can bring them in.
    ``refuses`` says what a record that does not fit its declaration (``record``) takes with it: itself
    alone, before any rule (``each``), or the whole import (``all``). ``path`` is where the source has its
    records, for that message: ``scores`` makes ``scores[3].lamp: …``.
    """

    record: Object
    columns: Mapping[str, pl.Expr]
    match: Mapping[str, pl.Expr]
    rules: tuple[Rule, ...] = ()
    context: Object = field(default_factory=Object)
    absent: frozenset[str] = frozenset()
    explicit_nulls: pl.Expr | None = None
    unknown_chart: UnknownChart | None = None
    refuses: Literal["each", "all"] = "each"
    path: str = ""


@dataclass(frozen=True)
class Service:
    """Another score service that players link, so that their scores can be fetched from there.

    ``credentials`` are the fields of a link with what each has to look like (a regular expression);
    ``settings`` are the environment variables that say how to reach it, with whether each is needed.
    ``exchange``, of services with OAuth, turns the code that a player brings back into credentials.
    """

    id: str
    title: str
    credentials: Mapping[str, str]
    settings: Mapping[str, bool]
    exchange: Callable[[str, Mapping[str, Any]], dict[str, str]] | None = None


@dataclass(frozen=True)
class Link:
    """A player's link to a service, as a ``fetch`` works with it.

    ``settings`` are the values of the service's environment variables (JSON read); ``keep`` stores
    renewed credentials. No more than ``pages`` pages are read, and no answer may take longer than
    ``timeout_s`` seconds. Only scores later than ``stop_ms`` (Unix milliseconds) are needed; all, where
    it is None.
    """

    user_id: int
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    keep: Callable[[Mapping[str, str]], None] = field(repr=False)
    timeout_s: float = 60
    pages: int = 500
    stop_ms: int | None = None


@dataclass(frozen=True, eq=False)
class ImportType:
    """One format of scores that can be imported.

    ``conversion`` is a function of game and playtype where the format carries more than one game.
    ``fetch``, of ``api/`` types, gets the answers of ``service`` in the shape that ``parse`` takes.
    ``lowers_classes`` says that its classes replace better ones, and that null removes one.
    ``route``, of ``ir/`` types, is where the client sends its plays; ``questions`` are what else it asks.
    """

    id: str
    title: str
    parse: Callable[[Source], Parsed]
    conversion: Conversion | Callable[[GPT], Conversion]
    games: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    service: Service | None = None
    fetch: Callable[[Link], dict[str, Any]] | None = None
    route: Route | None = None
    questions: tuple[Question, ...] = ()
    lowers_classes: bool = False

    def read(self, source: Source) -> tuple[Parsed, Fitted | None]:
        """Parse a source and fit its records to their declaration.

        Returns:
            What the source holds, and its records as structs; None where ``parse`` makes a frame.

        Raises:
            ImportFatal: The source is refused as a whole.
        """
        parsed = self.parse(source)
        if isinstance(parsed.datapoints, pl.DataFrame):
            return parsed, None
        conversion = self.conversion_of(self.gpt_of(parsed))
        whole = conversion.refuses == "all"
        fitted = fit(parsed.datapoints, conversion.record, first_only=whole)
        if whole and fitted.violations:
            (row,) = fitted.violations
            is_one = not conversion.path and len(parsed.datapoints) == 1
            path = "" if is_one else f"{conversion.path}[{row}]"
            raise ImportFatal(400, str(fitted.violations[row].within(path)))
        return parsed, fitted

    def gpt_of(self, parsed: Parsed) -> GPT:
        """Return the game and playtype whose conversion applies to a source."""
        if self.has_one_game or parsed.playtype is None:
            return games.gpts(parsed.game)[0]
        return games.gpt(parsed.game, parsed.playtype)

    def conversion_of(self, gpt: GPT) -> Conversion:
        """Return the conversion for one game and playtype."""
        return _conversion(self, gpt)

    @property
    def has_one_game(self) -> bool:
        """Return whether every import of this type is of the same game, with one conversion."""
        return isinstance(self.conversion, Conversion)


@cache
def _conversion(kind: ImportType, gpt: GPT) -> Conversion:
    conversion = (
        kind.conversion if isinstance(kind.conversion, Conversion) else kind.conversion(gpt)
    )
    check_conversion(conversion, gpt, kind.id)
    return conversion
