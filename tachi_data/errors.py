"""The few exceptions we raise on purpose. Everything else is a mistake of ours and never caught."""

from __future__ import annotations

# All that others hear of a mistake of ours; the log has the rest.
UNEXPECTED = "An unexpected error occurred."


class TachiError(Exception):
    """A problem that a person can do something about; its text is one clear sentence."""


class ImportFatal(TachiError):
    """The import as a whole is refused; nothing of it is stored.

    ``status_code`` is the HTTP status the service answers with; ``code`` a word for programs, where the
    status alone may mean several things.
    """

    def __init__(self, status_code: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message
        self.code = code


class CatalogueError(TachiError):
    """A catalogue file or document is not what it should be; says which file and document."""


class StoreError(TachiError):
    """The store cannot be opened or used; says why."""
