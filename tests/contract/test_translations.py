"""Everything that a person reads is there in Russian."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from scripts.lib.environment import PROJECT_FOLDERS
from scripts.lib.paths import ROOT

FILES = sorted(
    file for file in ROOT.glob("**/locale/ru/LC_MESSAGES/django.po") if not {".local", "node_modules"} & {*file.parts}
)
SOURCES = sorted(
    file for folder in PROJECT_FOLDERS for kind in ("*.py", "*.html", "*.txt") for file in (ROOT / folder).rglob(kind)
)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "gettext": None, "gettext_lazy": None, "_": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


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


def test_every_text_of_the_code_is_in_a_catalogue() -> None:
    """A package whose folder no catalogue collects from would stay English without any test saying so."""
    known = {identity(message) for file in FILES for message in catalogue(file) if message.id}

    missing = {text: file for file in SOURCES for text in texts_of(file) if text not in known}

    assert missing == {}


def identity(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def catalogue(file: Path) -> Catalog:
    with file.open("rb") as handle:
        return read_po(handle, locale="ru")


def texts_of(file: Path) -> set[str]:
    """Message ids of a Python file or a template."""
    source = file.read_text()
    # Django turns a template into calls of gettext that only look like a program: a tolerant reader will do.
    kind, code = ("python", source) if file.suffix == ".py" else ("javascript", templatize(source))
    found = extract(kind, BytesIO(code.encode()), keywords=KEYWORDS)
    return {text[0] if isinstance(text, tuple) else text for _line, text, _comments, _context in found}
