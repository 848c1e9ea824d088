"""Everything that a person reads is there in Russian."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from scripts.lib.paths import ROOT

FILES = sorted(
    file for file in ROOT.glob("**/locale/ru/LC_MESSAGES/django.po") if not {".local", "node_modules"} & {*file.parts}
)


def test_there_are_translations() -> None:
    assert len(FILES) >= 8


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).parts[0])
def test_no_text_is_left_in_english_or_in_doubt(file: Path) -> None:
    with file.open("rb") as handle:
        catalogue = read_po(handle, locale="ru")
    texts = [message for message in catalogue if message.id]

    assert [message.id for message in texts if message.fuzzy] == []
    assert [
        message.id
        for message in texts
        if not all([message.string] if isinstance(message.string, str) else message.string)
    ] == []
