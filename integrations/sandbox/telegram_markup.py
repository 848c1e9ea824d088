"""Telegram's HTML: parsed as strictly as the platform does, with its words for what is wrong."""

import re
from html import escape

TAGS = {
    "a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong", "tg-spoiler", "u",
}  # fmt: skip
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z0-9-]*)(?P<attributes>[^<>]*)>")
ENTITY = re.compile(r"&(?:(?P<named>lt|gt|amp|quot)|#(?P<decimal>\d+)|#[xX](?P<hex>[0-9a-fA-F]+));")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
HREF = re.compile(r"""\bhref\s*=\s*("(?P<double>[^"]*)"|'(?P<single>[^']*)')""")


class MarkupError(Exception):
    """The platform's own words."""


def parse(source: str, parse_mode: str) -> tuple[str, str]:
    """Safe HTML for the page, and the text that remains after the entities are parsed."""
    if parse_mode != "HTML":
        return escape(source), source
    page: list[str] = []
    plain: list[str] = []
    stack: list[str] = []
    position = 0
    while position < len(source):
        if source[position] == "<":
            position = _tag(source, position, stack, page)
            continue
        end = source.find("<", position)
        piece = _decode(source[position : end if end >= 0 else len(source)])
        page.append(escape(piece))
        plain.append(piece)
        position = end if end >= 0 else len(source)
    if stack:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{stack[-1]}"')
    return "".join(page).strip(), "".join(plain).strip()


def _tag(source: str, position: int, stack: list[str], page: list[str]) -> int:
    offset = len(source[:position].encode())
    match = TAG.match(source, position)
    if match is None:
        if source.startswith("</", position):
            raise MarkupError(f"Unexpected end tag at byte offset {offset}")
        name = re.match(r"<([a-zA-Z0-9-]*)", source[position:])
        raise MarkupError(f'Unsupported start tag "{name[1].lower() if name else ""}" at byte offset {offset}')
    name_ = match["name"].lower()
    if match["close"]:
        if not stack:
            raise MarkupError(f"Unexpected end tag at byte offset {offset}")
        if name_ and stack[-1] != name_:
            raise MarkupError(
                f'Unmatched end tag at byte offset {offset}, expected "</{stack[-1]}>", found "</{name_}>"'
            )
        page.append("</a>" if stack[-1] == "a" else f"</{_shown(stack[-1])}>")
        stack.pop()
        return match.end()
    if name_ not in TAGS:
        raise MarkupError(f'Unsupported start tag "{name_}" at byte offset {offset}')
    stack.append(name_)
    page.append(_opening(name_, match["attributes"]))
    return match.end()


def _opening(name: str, attributes: str) -> str:
    if name != "a":
        return f"<{_shown(name)}>"
    found = HREF.search(attributes)
    address = _decode((found["double"] or found["single"] or "") if found else "")
    # Only addresses that a browser may safely follow become links on the page.
    return f'<a href="{escape(address)}" rel="noopener">' if re.match(r"https?://", address) else "<a>"


def _shown(name: str) -> str:
    return "span" if name == "tg-spoiler" else name


def _decode(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match["named"]:
            return NAMED[match["named"]]
        code = int(match["decimal"]) if match["decimal"] else int(match["hex"], 16)
        return chr(code) if 0 < code < 0x110000 else match[0]

    return ENTITY.sub(one, text)


def units(text: str) -> int:
    """UTF-16 code units: the platform's measure."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
