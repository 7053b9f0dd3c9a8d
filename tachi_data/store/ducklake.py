"""A store beyond one machine: DuckLake, its catalogue in PostgreSQL, its rows in Parquet files.

    open_store("ducklake:postgres:dbname=tachi host=db.example?data_path=s3://tachi/rows/")

After ``postgres:`` comes a libpq connection string. Parts that it leaves out, such as the password, come from the
environment variables and files of libpq. ``data_path`` is needed once, when the store is made.

Readers see one snapshot and wait for nobody. Writers take turns, by a lock in PostgreSQL: without it DuckLake would
let two writers insert the same score, and would refuse one of two writers that change the same rows. DuckLake needs
extensions that fit the version of DuckDB exactly: ``pip install "tachi-data[lake]"``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.resources import files
from urllib.parse import parse_qs

import duckdb
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError, UncertainCommit
from tachi_data.store._engines import Settings, attached, transaction
from tachi_data.store._locking import once_per_thread
from tachi_data.store._sql import literal, statements

sql = statements("tachi_data.store")

EXTENSIONS = ("ducklake", "postgres_scanner")
_PREFIX = "ducklake:postgres:"
# As libpq reads them: `password=…`, also of an ssl key, plain or in quotes with escapes; and `//user:…@host`.
_SECRET = re.compile(r"(password\s*=\s*)('(?:\\.|[^'\\])*'?|(?:\\.|[^\s&])+)", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"(//[^\s/:@]*:)[^\s/]*(?=@)")
# What is said when the server of the catalogue is stopped, or cannot be reached.
_AWAY = re.compile(r"connect|terminat|server closed|SSL|no longer|shutting down", re.IGNORECASE)
# A connection that is lost cannot end its transaction; what DuckDB then says may end here.
_LOST = re.compile(r'Failed to execute query "(ROLLBACK|COMMIT)"')


class LakeSession:
    """Transactions on one DuckLake.

    Args:
        url: ``ducklake:postgres:…``
        settings: The settings of its engines.
        lock_timeout: How many seconds a writer waits for its turn; None waits for ever.
    """

    path = None

    def __init__(self, url: str, settings: Settings, lock_timeout: float | None) -> None:
        if not url.startswith(_PREFIX):
            raise StoreError(f"A DuckLake has its catalogue in PostgreSQL: {_PREFIX}dbname=…")
        self._connection, _, query = url.removeprefix(_PREFIX).partition("?")
        self._data_path = parse_qs(query).get("data_path", [""])[-1]
        self.name = _redacted(url)
        self._settings = settings
        self._timeout = lock_timeout

    def exists(self) -> bool:
        """Returns whether the catalogue is there, and filled."""
        try:
            with self._lake("READ_ONLY") as con:
                return _is_filled(con)
        except StoreError as error:
            if "creating a new DuckLake is explicitly disabled" in str(error):
                return False
            raise

    def create(self, fill: Callable[[DuckDBPyConnection], None]) -> None:
        """Make the catalogue, and fill it in one transaction."""
        if not self._data_path:
            raise StoreError(
                "A new DuckLake needs a place for its rows: add ?data_path=… to the URL."
            )
        with self._turn(), self._lake() as con, transaction(con):
            if not _is_filled(con):
                fill(con)

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[DuckDBPyConnection]:
        """Open a transaction that reads one snapshot, or that is the only one to write."""
        with ExitStack() as stack:
            stack.enter_context(once_per_thread(self.name))
            con = stack.enter_context(self._lake("" if writing else "READ_ONLY"))
            # Attaching takes longer than many a transaction, whose snapshot is only taken where it begins.
            if writing:
                stack.enter_context(self._turn())
            stack.enter_context(self._reached())
            stack.enter_context(transaction(con, is_done=self._is_done))
            yield con

    def _is_done(self, reason: str) -> bool:
        """Say what became of a commit that failed.

        Raises:
            StoreError: The catalogue refused it.
            UncertainCommit: The catalogue went away before it answered, perhaps after it had stored the commit.
        """
        told = " ".join(_redacted(reason).split())
        if not (_AWAY.search(told) or _LOST.search(told)):
            raise StoreError(f"Nothing was changed, since writing failed: {told}") from None
        raise UncertainCommit(
            f"It is not known whether the changes are stored: the catalogue of {self.name} went away during the"
            f" commit. Look at what is in the store before you make the changes again. ({told})"
        ) from None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say in a StoreError that the catalogue went away during a block."""
        try:
            yield
        except duckdb.Error as error:
            reason = " ".join(_redacted(str(error)).split())
            if not _AWAY.search(reason):
                raise
            raise StoreError(
                f"The catalogue of {self.name} is away, and nothing was changed: {reason}"
            ) from None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the turn to write, and hold it against the writers of all machines."""
        with self._attached(self._connection, "TYPE postgres, READ_ONLY") as con:
            milliseconds = 0 if self._timeout is None else max(round(self._timeout * 1000), 1)
            setting = sql("limit_wait_setting").replace("{milliseconds}", str(milliseconds))
            con.execute("BEGIN")
            try:
                con.execute(sql("limit_wait"), {"setting": setting})
                self._take_turn(con)
                yield
            finally:
                # The turn ends with its connection, too. By now the changes are stored, or not.
                with suppress(duckdb.Error):
                    con.execute("ROLLBACK")

    def _take_turn(self, con: DuckDBPyConnection) -> None:
        try:
            con.execute(sql("take_turn"))
        except duckdb.Error as error:
            if "lock timeout" not in str(error):
                raise
            raise StoreError(
                f"Gave up after {self._timeout:g} s of waiting to write to {self.name}."
            ) from None

    @contextmanager
    def _lake(self, *options: str) -> Iterator[DuckDBPyConnection]:
        place = (f"DATA_PATH {literal(self._data_path)}",) if self._data_path else ()
        brackets = ", ".join(filter(None, (*place, *options))) or "READ_WRITE"
        with self._attached(f"{_PREFIX}{self._connection}", brackets) as con:
            yield con

    @contextmanager
    def _attached(self, database: str, options: str) -> Iterator[DuckDBPyConnection]:
        with ExitStack() as stack:
            try:
                con = stack.enter_context(
                    attached(database, options, self._settings, setup=_loading())
                )
            except duckdb.Error as error:
                # The reason stands at the end of the message.
                reason = " ".join(_redacted(str(error)).split())
                raise StoreError(f"{self.name} cannot be opened: {reason}") from None
            yield con


def _is_filled(con: DuckDBPyConnection) -> bool:
    return ("store_meta",) in con.execute("SHOW TABLES").fetchall()


def _loading() -> str:
    """Returns the statements that load the extensions, from Python packages where they are installed."""
    return "; ".join(f"LOAD {_extension(name)}" for name in EXTENSIONS)


def _extension(name: str) -> str:
    try:
        package = files(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        # Perhaps it was installed with DuckDB's own INSTALL.
        return name
    file = f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"
    return literal(str(package.joinpath(file)))


def _redacted(text: str) -> str:
    r"""Returns a text without passwords.

    >>> _redacted("dbname=tachi password='very secret' host=db")
    'dbname=tachi password=… host=db'
    >>> _redacted(r"password='it\'s a secret' host=db"), _redacted("postgresql://me:my@secret@db/tachi")
    ('password=… host=db', 'postgresql://me:…@db/tachi')
    """
    return _SECRET_IN_URL.sub(r"\1…", _SECRET.sub(r"\1…", text))
