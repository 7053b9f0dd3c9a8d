"""Fetch a catalogue from a git repository, and load it.

Only ``git`` itself talks to the network: without prompts, with a time limit, without submodules,
links, hooks or any transport that runs programs.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tachi_data.catalogue.documents.diff import CatalogueDiff
from tachi_data.catalogue.documents.loading import load_from
from tachi_data.errors import CatalogueError
from tachi_data.store import Store, expect_store

TIMEOUT_S = 300.0
# Where the reference server's repository keeps its catalogue since 2026.
SEEDS = PurePosixPath("db/seeds")
_URL = re.compile(r"(?:https?|ssh|git|file)://\S+")
_SCP = re.compile(r"\w[\w.-]*@\w[\w.-]*:[^-:\s]\S*")
_REF = re.compile(r"[\w.@+][\w./@+-]*")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
_SAFE = (
    "core.hooksPath=/dev/null",
    "core.symlinks=false",
    "gc.auto=0",
)
# Variables that would make git work on another repository than the one it is told.
_MISLEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


def sync(
    store: Store,
    source: str | Path,
    *,
    ref: str | None = None,
    path: str | None = None,
    cache_dir: str | Path | None = None,
    games: list[str] | None = None,
    timeout_s: float = TIMEOUT_S,
    now: int | None = None,
) -> CatalogueDiff:
    """Load the catalogue from a git repository, or from a plain folder.

    Args:
        store: Where the catalogue is kept.
        source: A git URL, a local repository, or a folder that is none.
        ref: Branch, tag or full commit ID; None takes what the repository's HEAD is.
        path: The folder inside that has the files; None takes ``db/seeds``, or else the one nearest to
            the top.
        cache_dir: Where to keep what was fetched, so that the next time is quicker.
        games: Which games; None takes all that are there.
        timeout_s: How long one step of git may take.
        now: The time, in milliseconds.

    Returns:
        The changes, with warnings about things that are not known here.

    Raises:
        CatalogueError: The source cannot be fetched, or is no catalogue.

    Example:
        >>> with td.open_store(folder / "new.duckdb") as new:
        ...     td.catalogue_sync(new, seeds).games
        ('wacca',)
    """
    expect_store(store)
    text = str(source)
    folder = Path(text).expanduser()
    if folder.is_dir() and not _is_repository(folder):
        if ref is not None:
            raise CatalogueError(f"{text} is no git repository, so it has no {ref!r}.")
        found = _nearest(_inside(folder, path), text)
        return load_from(store, found, games, now=now, source=text)
    url = str(folder.resolve()) if folder.is_dir() else _url(text)
    with _checkout(url, _ref(ref), cache_dir, timeout_s) as (files, commit):
        found = _nearest(_inside(files, path), _redacted(text))
        return load_from(store, found, games, now=now, source=f"{_redacted(text)}@{commit}")


def _is_repository(folder: Path) -> bool:
    is_bare = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
    return is_bare or (folder / ".git").exists()


def _url(text: str) -> str:
    if _URL.fullmatch(text) or _SCP.fullmatch(text):
        return text
    raise CatalogueError(
        f"{_redacted(text)!r} is neither a folder nor the URL of a git repository."
    )


def _ref(ref: str | None) -> str:
    if ref is None:
        return "HEAD"
    if not _REF.fullmatch(ref) or ".." in ref:
        raise CatalogueError(f"{ref!r} is no name of a branch, tag or commit.")
    return ref


def _redacted(text: str) -> str:
    """Without user and password.

    >>> _redacted("https://me:secret@example.com/seeds.git")
    'https://example.com/seeds.git'
    """
    return _CREDENTIALS.sub("", text)


def _inside(folder: Path, path: str | None) -> Path:
    if path is None:
        return folder
    inner = PurePosixPath(path)
    if inner.is_absolute() or ".." in inner.parts:
        raise CatalogueError(f"{path!r} is no path inside of the source.")
    return folder / inner


def _nearest(folder: Path, source: str) -> Path:
    """The folder with songs: ``db/seeds``, as today's repository has it, or the one nearest to the top.

    Of several that are equally near, the first by name.
    """
    today = folder / SEEDS
    if any(today.glob("songs-*.json")):
        return today
    holders = {file.parent for file in folder.rglob("songs-*.json") if ".git" not in file.parts}
    if not holders:
        raise CatalogueError(f"{source} holds no catalogue: there are no files songs-*.json.")
    return min(holders, key=lambda holder: (len(holder.parts), str(holder)))


@contextmanager
def _checkout(
    url: str, ref: str, cache_dir: str | Path | None, timeout_s: float
) -> Iterator[tuple[Path, str]]:
    """The files of a repository at one point, and which commit that is."""
    with tempfile.TemporaryDirectory(prefix="tachi-data-") as scratch:
        name = hashlib.sha256(url.encode()).hexdigest()[:20]
        bare = Path(scratch if cache_dir is None else cache_dir).expanduser() / f"{name}.git"
        if not (bare / "HEAD").exists():
            bare.parent.mkdir(parents=True, exist_ok=True)
            _git("init", "--quiet", "--bare", str(bare), timeout_s=timeout_s)
        # No tags and no remote: the cache has only what it was asked for.
        fetch = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--force")
        # Two processes that share a cache must not get at each other's FETCH_HEAD.
        mine = f"refs/tachi-data/{os.getpid()}-{Path(scratch).name}"
        try:
            _git(*fetch, "--", url, f"{ref}:{mine}", timeout_s=timeout_s, folder=bare)
            commit = _git("rev-parse", f"{mine}^{{commit}}", timeout_s=timeout_s, folder=bare)
            files = Path(scratch) / "files"
            files.mkdir()
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            _git(
                f"--work-tree={files}", "read-tree", "--reset", "-u", commit,
                timeout_s=timeout_s, folder=bare, variables=index,
            )  # fmt: skip
            yield files, commit
        finally:
            if cache_dir is not None and (bare / "HEAD").exists():
                _git("update-ref", "-d", mine, timeout_s=timeout_s, folder=bare)


def _git(
    *arguments: str,
    timeout_s: float,
    folder: Path | None = None,
    variables: dict[str, str] | None = None,
) -> str:
    """What git prints."""
    program = shutil.which("git")
    if program is None:
        raise CatalogueError("To fetch a catalogue, git has to be installed.")
    settings = [word for setting in _SAFE for word in ("-c", setting)]
    place = [] if folder is None else [f"--git-dir={folder}"]
    environment = {k: v for k, v in os.environ.items() if k not in _MISLEADING}
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "LC_ALL": "C",
        **(variables or {}),
    }
    environment.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the arguments are checked
            [program, *settings, *place, *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, errors="replace", timeout=timeout_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CatalogueError(f"git gave no answer within {timeout_s:g} s.") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        raise CatalogueError(f"git cannot fetch the catalogue: {_redacted(said)}")
    return done.stdout.strip()
