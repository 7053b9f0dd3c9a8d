"""The wheel and the source distribution, each complete; and an environment that grows extra by extra."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tachi_data.version import __version__

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SOURCES = ("tachi_data", "pipelines", "pyproject.toml", "README.md", "LICENSE")
BUILD = """
import sys
from setuptools import build_meta
folder = sys.argv[1]
build_meta.build_wheel(folder)
build_meta.build_sdist(folder)
"""
# A command that needs an extra, and the extra that it names where it is not there.
EXTRAS = {
    "lab": ("-m tachi_data.cli lab .", "notebooks"),
    "serve": ("-m tachi_data.cli --store a.duckdb serve", "api"),
    "explore": ("-c import\ttachi_data.explore", "notebooks"),
    "flows": ("-m pipelines.schedules", "pipelines"),
}


def run(*command: object, where: Path, seconds: int = 100) -> subprocess.CompletedProcess[str]:
    """Runs a program without the paths and the settings of these tests."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        list(map(str, command)),
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def install(python: Path, wanted: str, where: Path) -> None:
    """Installs a package with all it needs; the test is skipped where no index of packages can be reached."""
    command = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, wanted)
    done = run(*command, where=where, seconds=400)
    unreached = ("Failed to fetch", "error sending request", "not found in the package registry")
    if any(text in done.stderr for text in unreached):
        pytest.skip(f"uv cannot reach what {wanted} needs: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the wheel and the source distribution, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("built")
    sources, ignored = folder / "sources", shutil.ignore_patterns("__pycache__", "*.egg-info")
    sources.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, sources / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, sources / name)
    done = run(sys.executable, "-c", BUILD, folder, where=sources)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def python(built: Path) -> Path:
    """The Python of a new environment with the wheel and what the core needs."""
    made = run(sys.executable, "-m", "venv", "--without-pip", built / "venv", where=built)
    assert made.returncode == 0, made.stderr
    (wheel,) = built.glob("*.whl")
    install(built / "venv/bin/python", str(wheel), built)
    return built / "venv" / "bin" / "python"


def test_both_have_every_file_and_the_version(built: Path) -> None:
    (wheel,), (source,) = built.glob("*.whl"), built.glob("*.tar.gz")
    assert wheel.name.startswith(f"tachi_data-{__version__}-")
    assert source.name == f"tachi_data-{__version__}.tar.gz"
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in ("tachi_data", "pipelines")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql", ".html", ".pyi", ".typed")
    }
    with zipfile.ZipFile(wheel) as file:
        assert wanted - set(file.namelist()) == set()
    with tarfile.open(source) as tar:
        assert wanted - {name.partition("/")[2] for name in tar.getnames()} == set()


def test_the_core_alone_loads_the_sample_and_imports_it(python: Path, built: Path) -> None:
    tachi = (python, "-m", "tachi_data.cli", "--store", "core.duckdb")
    loaded = run(*tachi, "catalogue", "load", ROOT / "data/sample/catalogue", where=built)
    assert loaded.returncode == 0, loaded.stderr
    file = ROOT / "data/sample/imports/batch-manual-sdvx-akari.json"
    done = run(*tachi, "import", file, "--type", "file/batch-manual", "--user", 1, where=built)
    assert done.returncode == 0, done.stderr
    assert "ScoreImported" in done.stdout
    assert __version__ in run(*tachi, "--version", where=built).stdout


def test_types_hold_outside_the_folder_of_the_project(python: Path, built: Path) -> None:
    """A checker that reads the installed package sees its types, and knows which names it lacks."""
    program = (
        "import tachi_data as td\n\ntd.nope()\ntd.scores(1)\ntd.open_store('a.duckdb').close()\n"
    )
    (built / "mine.py").write_text(program)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--python-executable", python)
    told = run(*mypy, "--cache-dir", built / "mypy", "mine.py", where=built).stdout.splitlines()
    assert told[:-1] == [
        'mine.py:3: error: Module has no attribute "nope"  [attr-defined]',
        'mine.py:4: error: Argument 1 to "scores" has incompatible type "int"; expected "Store"  [arg-type]',
    ]


@pytest.mark.parametrize("name", EXTRAS)
def test_a_missing_extra_is_named(python: Path, built: Path, name: str) -> None:
    command, extra = EXTRAS[name]
    done = run(python, *(c.replace("\t", " ") for c in command.split(" ")), where=built)
    assert done.returncode != 0
    assert f"[{extra}]" in done.stderr.splitlines()[-1] + done.stdout, done.stderr
    if name in ("serve", "lab"):
        assert "Traceback" not in done.stderr


# A program that each extra makes possible; the one of the lake is last, as it needs another DuckDB.
ANSWERS = {
    "api": "from tachi_data.service import create_app; print(create_app)",
    "grpc": "import grpc, google.protobuf; print(grpc.insecure_channel('127.0.0.1:1'))",
    "pipelines": "from pipelines.import_files import import_files; print(import_files)",
    "notebooks": "import jupyterlab.labapp; from tachi_data import explore; print(explore.open_store)",
    "lake": "import duckdb; from tachi_data.store import ducklake as lake; duckdb.sql(lake._loading())",
}


def test_each_extra_is_installed_and_its_program_runs(python: Path, built: Path) -> None:
    """One test, so that one environment grows extra by extra, whatever process runs it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(ANSWERS) == set(declared["optional-dependencies"])
    (wheel,) = built.glob("*.whl")
    for extra, program in ANSWERS.items():
        assert run(python, "-c", program, where=built).returncode != 0, extra
        install(python, f"tachi-data[{extra}] @ {wheel.as_uri()}", built)
        after = run(python, "-c", program, where=built)
        assert after.returncode == 0, f"{extra}: {after.stderr}"
        if extra == "api":
            told = run(python, "-m", "tachi_data.cli", "serve", "--help", where=built)
            assert "--workers" in told.stdout
