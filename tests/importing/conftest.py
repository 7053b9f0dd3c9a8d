"""A store with a small catalogue."""

import pytest

import tachi_data as td
from tests.conftest import Open
from tests.importing.world import CATALOGUE


@pytest.fixture
def store(new_store: Open) -> td.Store:
    return new_store(CATALOGUE)
