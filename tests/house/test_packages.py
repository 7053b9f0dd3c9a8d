"""The wheel and the source distribution, each complete; and the core alone in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
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
EXTRAS = {
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
    made = run(sys.executable, "-m", "venv", built / "venv", where=built)
    assert made.returncode == 0, made.stderr
    (wheel,) = built.glob("*.whl")
    command = (built / "venv/bin/python", "-m", "pip", "install", "--quiet", wheel)
    done = run(*command, where=built, seconds=400)
    if "Could not find a version" in done.stderr or "Connection" in done.stderr:
        pytest.skip(f"pip cannot reach the packages that the core needs: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
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


@pytest.mark.parametrize("name", EXTRAS)
def test_a_missing_extra_is_named(python: Path, built: Path, name: str) -> None:
    command, extra = EXTRAS[name]
    done = run(python, *(c.replace("\t", " ") for c in command.split(" ")), where=built)
    assert done.returncode != 0
    assert f"[{extra}]" in done.stderr.splitlines()[-1] + done.stdout, done.stderr
    if name == "serve":
        assert "Traceback" not in done.stderr
