"""Small pieces of XML and CSV that are well-formed whatever the text contains."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from html import escape as escape_html
from typing import Any
from urllib.parse import urljoin
from xml.sax.saxutils import escape, quoteattr

from .photos import document_photos
from .text import cut_at_sentence, plain_text

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold at all, not even as a reference."""
MOST_PHOTOS = 40
"""Of one car: more than any platform shows."""


def clean(text: str) -> str:
    return FORBIDDEN.sub("", text)


def tag(element: str, value: object, /, **attributes: object) -> str:
    """Nothing at all for an empty value: an absent element is "unknown", an empty one is an error to some readers."""
    text = clean(str(value)).strip() if value is not None else ""
    return f"<{element}{_attributes(attributes)}>{escape(text)}</{element}>" if text else ""


def empty_tag(element: str, /, **attributes: object) -> str:
    return f"<{element}{_attributes(attributes)}/>"


def group(element: str, /, *children: str, **attributes: object) -> str:
    content = "".join(children)
    return f"<{element}{_attributes(attributes)}>{content}</{element}>" if content else ""


def cdata(name: str, html: str) -> str:
    """For elements whose reader takes HTML."""
    content = clean(html).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{content}]]></{name}>" if content else ""


def csv_line(values: Sequence[object]) -> str:
    """Without its end. Line breaks in values become spaces, which every reader understands."""
    buffer = io.StringIO()
    texts = [" ".join(clean("" if value is None else str(value)).split()) for value in values]
    csv.writer(buffer, lineterminator="").writerow(texts)
    return buffer.getvalue()


def photo_addresses(document: Mapping[str, Any], site_url: str, limit: int = MOST_PHOTOS) -> list[str]:
    """Absolute. An exchanged photo has another address, as its file has another name."""
    return [urljoin(f"{site_url}/", photo.url) for photo in document_photos(document, limit)]


def description(document: Mapping[str, Any], limit: int) -> str:
    return clean(cut_at_sentence(plain_text(document.get("text_html", "")), limit))


def html_description(document: Mapping[str, Any], limit: int) -> str:
    """Paragraphs, at most `limit` characters with their marks."""
    room = limit
    while True:
        text = description(document, room)
        html = "".join(
            f"<p>{escape_html(part.strip(), quote=False).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n")
        )
        html = html if text else ""
        if len(html) <= limit:
            return html
        room -= len(html) - limit


def _attributes(attributes: Mapping[str, object]) -> str:
    return "".join(f" {name}={quoteattr(clean(str(value)))}" for name, value in attributes.items())
