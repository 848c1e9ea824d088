"""Descriptions: plain text becomes paragraphs, foreign markup is reduced to what the editor offers, our own stays."""

import re
from html import unescape
from html.parser import HTMLParser

from django.utils.html import escape
from django.utils.translation import gettext as _

from listings.catalogue.payload import EDITOR_MARKS

from .errors import CellError

MAX_LENGTH = 20_000
"""Characters; a longer description is no description."""
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
ADDRESS = r"(?:https?://|mailto:|tel:|#)[^\"<>\s]*"
OWN_TAG = re.compile(
    r"</(?:p|b|i|ul|ol|li|a)>|<br/>"
    r'|<(?:p|ul|ol|li)(?: data-block-key="[a-z0-9]{1,10}")?>|<[bi]>'
    rf'|<a (?:linktype="page" id="\d{{1,10}}"|id="\d{{1,10}}" linktype="page"|href="{ADDRESS}")>'
)
BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "section", "article", "blockquote", "table"}
INLINE = {"b": "b", "strong": "b", "i": "i", "em": "i"}
SILENT = {"script", "style", "head", "title", "template", "iframe", "object", "svg"}


def description(column: str, text: str) -> str:
    """What a cell says, as the markup that a listing's description stores."""
    if len(text) > MAX_LENGTH:
        raise CellError(column, text[:80], _("At most %(limit)s characters fit here.") % {"limit": MAX_LENGTH})
    if "<" not in text or not TAG.search(text):
        return _paragraphs(text)
    if "<" not in OWN_TAG.sub("", text) and text.startswith(("<p", "<ul", "<ol")):
        return text
    return _reduced(text)


def bare(markup: str) -> str:
    """Without the keys that the editor gives its blocks, to compare what a reader sees."""
    return EDITOR_MARKS.sub("", markup)


def _paragraphs(text: str) -> str:
    lines = (line.strip() for line in unescape(text).splitlines())
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line)


class _Reducer(HTMLParser):
    """Rewrites markup with paragraphs, lists, bold, italic and links; everything else loses its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.open: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag in BLOCKS or tag == "br":
            self._close_block()
        elif tag in ("ul", "ol"):
            self._close_block()
            self._begin(tag)
        elif tag == "li" and {"ul", "ol"} & set(self.open):
            self._end("li")
            self._begin("li")
        elif tag in INLINE and INLINE[tag] not in self.open:
            self._text_block()
            self._begin(INLINE[tag])
        elif tag == "a" and "a" not in self.open:
            address = dict(attrs).get("href") or ""
            if re.fullmatch(ADDRESS, address):
                self._text_block()
                self._begin("a", f'<a href="{escape(address)}">')

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in BLOCKS:
            self._close_block()
        elif tag in ("ul", "ol", "li", "a") or tag in INLINE:
            self._end(INLINE.get(tag, tag))

    def handle_data(self, data: str) -> None:
        if self.silent or (not data.strip() and not self.open):
            return
        if self.open and self.open[-1] in ("ul", "ol"):
            if not data.strip():
                return
            self._begin("li")
        self._text_block()
        self.parts.append(escape(re.sub(r"\s+", " ", data)))

    def finish(self) -> str:
        self.close()
        while self.open:
            self._end(self.open[-1])
        return re.sub(r"<(p|li|ul|ol|b|i)>\s*</\1>", "", "".join(self.parts))

    def _text_block(self) -> None:
        if not {"p", "li"} & set(self.open):
            self._begin("p")

    def _begin(self, tag: str, markup: str = "") -> None:
        self.open.append(tag)
        self.parts.append(markup or f"<{tag}>")

    def _end(self, tag: str) -> None:
        """Closes a tag, and what is open inside it."""
        while tag in self.open:
            last = self.open.pop()
            self.parts.append(f"</{last}>")
            if last == tag:
                return

    def _close_block(self) -> None:
        self._end("p")


def _reduced(markup: str) -> str:
    reducer = _Reducer()
    reducer.feed(markup)
    return reducer.finish()
