"""Docstrings of public names stand alone: the arguments, the result, and an example that runs."""

from __future__ import annotations

import inspect
import pkgutil
import re
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

import pytest

import tachi_data as td
from tachi_data import players

NAMES = {name: getattr(td, name) for name in td.__all__ if name != "__version__"}
OF_SCHEMAS = {f"schemas.{name}": getattr(td.schemas, name) for name in td.schemas.__all__}
PUBLIC = NAMES | OF_SCHEMAS


def is_function(value: Any) -> bool:
    return callable(value) and not inspect.isclass(value)


def functions_of(package: Any) -> dict[str, FunctionType]:
    """The public functions of the modules of a package, by module and name."""
    modules = (
        import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    )
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


OF_PLAYERS = functions_of(players)


def section(value: Any, name: str) -> str:
    """The text of a section such as ``Args`` of a docstring; empty if it has none."""
    found = re.search(rf"^{name}:\n((?:    .*\n?|\n)*)", inspect.getdoc(value) or "", re.MULTILINE)
    return found[1] if found else ""


def described(value: Any, name: str) -> set[str]:
    return set(re.findall(r"^    \*{0,2}(\w+): \S", section(value, name), re.MULTILINE))


def arguments(value: Any) -> set[str]:
    return set(inspect.signature(value).parameters) - {"self"}


def test_the_names_are_found() -> None:
    assert {"import_scores", "Store", "ImportFatal", "schemas.split"} <= set(PUBLIC)
    assert {"tokens.create_token", "locks.acquire", "integrations.link"} <= set(OF_PLAYERS)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(NAMES[name]) or "")


@pytest.mark.parametrize("name", [n for n, value in PUBLIC.items() if is_function(value)])
def test_arguments_and_result_of_a_public_function_are_described(name: str) -> None:
    check(PUBLIC[name])


@pytest.mark.parametrize("name", [n for n, value in PUBLIC.items() if is_dataclass(value)])
def test_members_of_a_public_value_are_described(name: str) -> None:
    members = {field.name for field in fields(PUBLIC[name])}
    assert members - described(PUBLIC[name], "Attributes") == set()


@pytest.mark.parametrize("name", OF_PLAYERS)
def test_arguments_and_result_of_a_function_of_players_are_described(name: str) -> None:
    check(OF_PLAYERS[name])


def check(function: Any) -> None:
    assert arguments(function) - described(function, "Args") == set()
    assert described(function, "Args") <= arguments(function), "an argument is gone"
    returns = inspect.signature(function).return_annotation
    says_so = "Returns:\n" in (inspect.getdoc(function) or "") or re.match(
        r"Returns? ", inspect.getdoc(function) or ""
    )
    is_block = str(returns).startswith(("Iterator", "collections.abc.Iterator"))
    assert says_so or is_block or returns in (None, "None"), "say what it returns"
