"""What is not documented is not finished."""

from pathlib import Path

import pytest

from integrations.marketplaces import errors
from integrations.marketplaces.registry import all_adapters
from integrations.publications.vocabulary import State

DOCUMENT = (Path(__file__).parents[2] / "docs" / "adapters.md").read_text()
ERRORS = [error.__name__ for error in errors.AdapterError.__subclasses__() if error.__module__ == errors.__name__]


@pytest.mark.parametrize("word", [*all_adapters(), *State.values, *ERRORS])
def test_every_adapter_state_and_error_is_documented(word: str) -> None:
    assert f"`{word}" in DOCUMENT
