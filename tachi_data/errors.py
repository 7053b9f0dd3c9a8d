"""The exceptions that we raise on purpose. Every other exception is a mistake of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TypeVar

# The text that clients get for a mistake of ours; the log has the details.
UNEXPECTED = "An unexpected error occurred."
# The most characters of a message. A longer one repeats a text of the input.
LONGEST, KEPT_FIRST, KEPT_LAST = 2_000, 1_200, 300
# The most characters of a text of the input that a message repeats.
MOST_QUOTED = 200


def bounded(message: str) -> str:
    """Return a message; of a very long one, which repeats a long text of the input, without its middle.

    >>> bounded("short"), len(bounded("x" * 20_000))
    ('short', 1503)
    """
    if len(message) <= LONGEST:
        return message
    return f"{message[:KEPT_FIRST]} … {message[-KEPT_LAST:]}"


Error = TypeVar("Error", bound=BaseException)


def bare(error: Error) -> Error:
    """Return an exception that is kept, without its causes and the frames that it came through.

    They hold the whole input, and often the exception too: a circle, which stays in memory until the collector of
    garbage comes by.

    >>> try:
    ...     raise CatalogueError("no") from ValueError("a long text")
    ... except CatalogueError as error:
    ...     print(bare(error).__cause__, error.__traceback__)
    None None
    """
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error


class Carried(Exception):
    """An exception that keeps its attributes on the way to another process, whatever it is made with."""

    def __reduce__(self) -> tuple[Callable[..., BaseException], tuple[object, ...]]:
        """Say how to make it again: without its ``__init__``, which wants other arguments than a text."""
        return _again, (type(self), self.args, self.__dict__)


def _again(
    kind: type[BaseException], args: tuple[object, ...], attributes: dict[str, object]
) -> BaseException:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class TachiError(Carried):
    """A problem that a person can solve; its text is one clear sentence.

    Example:
        >>> td.revert_import(store, "0" * 40)
        Traceback (most recent call last):
            ...
        tachi_data.errors.TachiError: There is no import '0000000000000000000000000000000000000000'.
    """


class ImportFatal(TachiError):
    """The import as a whole is refused; nothing of it is stored.

    Args:
        status_code: The HTTP status that the service answers with.
        message: One sentence for the player.
        code: A word for programs, where the status alone may mean several things.

    Example:
        >>> try:
        ...     outcome = td.import_scores(store, "file/batch-manual", b"{}", user_id=7)
        ... except td.ImportFatal as refusal:
        ...     print(refusal.status_code)
        400
    """

    def __init__(self, status_code: int, message: str, *, code: str | None = None) -> None:
        super().__init__(bounded(message))
        self.status_code = status_code
        self.message = bounded(message)
        self.code = code


class UnknownNameError(TachiError, LookupError):
    """A name that a caller gives is not known; the text says which names are meant.

    Args:
        what: What is named, such as ``game``.
        name: The name as the caller gives it.
        known: All names that there are.

    Example:
        >>> td.scores(store, game="idx")
        Traceback (most recent call last):
            ...
        tachi_data.errors.UnknownNameError: There is no game 'idx'. Did you mean iidx?
    """

    def __init__(self, what: str, name: object, known: Iterable[str]) -> None:
        listed = list(known)
        super().__init__(f"There is no {what} {name!r:.200}. {_meant(str(name), listed)}")


def _meant(name: str, known: Sequence[str]) -> str:
    """Returns a sentence with the names that are most like the name; with all names where none is like it."""
    last = {k.rpartition("/")[2].lower(): k for k in reversed(known)}
    near = [last[k] for k in get_close_matches(name.rpartition("/")[2].lower(), last, 3, 0.7)]
    near = get_close_matches(name, known, 3, 0.7) or near
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"There are: {', '.join(known)}."


class MissingExtraError(TachiError, ImportError):
    """A part of this package needs libraries that are not installed; the text says how to install them.

    Args:
        what: The part, such as ``The HTTP service``.
        extra: The extra that has its libraries.
        library: The library that is not there.

    Example:
        >>> raise td.MissingExtraError("The HTTP service", "api", "fastapi")
        Traceback (most recent call last):
            ...
        tachi_data.errors.MissingExtraError: The HTTP service needs 'fastapi': pip install 'tachi-data[api]'.
    """

    def __init__(self, what: str, extra: str, library: str | None) -> None:
        super().__init__(f"{what} needs {library!r}: pip install 'tachi-data[{extra}]'.")


@contextmanager
def needing(what: str, extra: str) -> Iterator[None]:
    """Turn a library that is not there, for an import within the block, into a `MissingExtraError`."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tachi_data"):
            raise
        raise MissingExtraError(what, extra, error.name) from None


class CatalogueError(TachiError):
    """A catalogue file or document is not what it should be; the text names the file and the document.

    Args:
        message: One sentence. Of a very long one, as of a document with a long text, the middle is left out.

    Example:
        >>> td.load_catalogue(store, folder / "nothing")
        Traceback (most recent call last):
            ...
        tachi_data.errors.CatalogueError: ...
    """

    def __init__(self, message: str) -> None:
        super().__init__(bounded(message))


class LostImport(ImportFatal):
    """Another worker has taken this import from the queue since; it is not done twice."""

    def __init__(self) -> None:
        super().__init__(409, "Another worker does this import now.")


class StoreError(TachiError):
    """The store cannot be opened or used; the text says why.

    Example:
        >>> td.open_store(folder / "none.duckdb", create=False)
        Traceback (most recent call last):
            ...
        tachi_data.errors.StoreError: ...
    """


class UncertainCommit(StoreError):
    """It is not known whether the changes of a transaction are stored; the text says how to find out."""
