"""Text for platforms: plain words out of rich text, counted and cut the way platforms count."""

import re
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import Self

ELLIPSIS = "…"
SENTENCE_END = re.compile(r"[.!?…]+[\"»”)]*(?=\s|$)|\n")
BLOCKS = {"p", "div", "br", "ul", "ol", "h2", "h3", "h4"}


def units(text: str) -> int:
    """Length in UTF-16 code units: an emoji counts as two."""
    return len(text.encode("utf-16-le")) // 2


def cut_units(text: str, limit: int) -> str:
    """The longest prefix of at most `limit` units that splits no character."""
    return text.encode("utf-16-le")[: max(limit, 0) * 2].decode("utf-16-le", "ignore")


def cut_at_sentence(text: str, limit: int) -> str:
    """The text, if it fits; else whole sentences of it; else whole words; always within `limit` units.

    What was cut ends with an ellipsis.
    """
    text = text.strip()
    if units(text) <= limit:
        return text
    room = cut_units(text, limit - 1 - units(ELLIPSIS))
    ends = [match.end() for match in SENTENCE_END.finditer(room) if match.end() < len(room)]
    # The end of `room` may look like the end of a sentence while the word goes on behind it.
    if SENTENCE_END.search(text, max(len(room) - 1, 0), len(room) + 1) and text[len(room)].isspace():
        ends.append(len(room))
    if ends:
        whole = room[: ends[-1]].rstrip()
        return f"{whole} {ELLIPSIS}" if whole else ""
    words = room.rsplit(None, 1)
    # One endless word is worth nothing cut in half.
    return f"{words[0]}{ELLIPSIS}" if len(words) > 1 else ""


def plain_text(rich: str) -> str:
    """Rich text of the editor as plain paragraphs; list items get bullets."""
    parser = _PlainText()
    parser.feed(rich)
    parser.close()
    text = "".join(parser.parts)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "li":
            self.parts.append("\n• ")
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))


@dataclass(frozen=True)
class Markup:
    """A piece of a message twice: as HTML for the platform and as what remains of it, which is what counts."""

    html: str = ""
    plain: str = ""

    @classmethod
    def text(cls, value: str) -> Self:
        return cls(escape(value, quote=False), value)

    @classmethod
    def link(cls, value: str, address: str) -> Self:
        return cls(f'<a href="{escape(address)}">{escape(value, quote=False)}</a>', value)

    def tagged(self, tag: str) -> "Markup":
        return Markup(f"<{tag}>{self.html}</{tag}>", self.plain)

    def __add__(self, other: "Markup") -> "Markup":
        return Markup(self.html + other.html, self.plain + other.plain)

    def __bool__(self) -> bool:
        return bool(self.plain)


def join(separator: str, pieces: list[Markup]) -> Markup:
    """Joins those that are not empty."""
    kept = [piece for piece in pieces if piece]
    return Markup(separator.join(p.html for p in kept), separator.join(p.plain for p in kept))
