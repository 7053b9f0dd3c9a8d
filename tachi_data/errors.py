"""The exceptions that we raise on purpose. Every other exception is a mistake of ours."""

from __future__ import annotations

# The text that clients get for a mistake of ours; the log has the details.
UNEXPECTED = "An unexpected error occurred."


class TachiError(Exception):
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
        super().__init__(message)
        self.status_code = status_code
        self.message = message
        self.code = code


class CatalogueError(TachiError):
    """A catalogue file or document is not what it should be; the text names the file and the document.

    Example:
        >>> td.load_catalogue(store, folder / "nothing")
        Traceback (most recent call last):
            ...
        tachi_data.errors.CatalogueError: ...
    """


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
