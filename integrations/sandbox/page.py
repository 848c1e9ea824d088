"""The channel as a person sees it."""

from datetime import datetime, timedelta, timezone
from html import escape
from itertools import groupby
from string import Template
from typing import Any

MINSK = timezone(timedelta(hours=3))
SHOWN_POSTS = 200
"""The newest posts; more make the page slow."""

PAGE = Template("""<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ground: #dfe7df; --card: #fff; --ink: #17211b; --soft: #5f6b64; --accent: #2a7a55 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #141a17; --card: #202823; --ink: #e8eeea; --soft: #9aa79f; --accent: #6fcf9b }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif }
header { position: sticky; top: 0; z-index: 1; background: var(--card); padding: .75rem 1rem; text-align: center;
  border-block-end: 1px solid color-mix(in srgb, var(--ink) 12%, transparent) }
h1 { margin: 0; font-size: 1.1rem } header p { margin: .1rem 0 0; color: var(--soft); font-size: .85rem }
main { max-inline-size: 34rem; margin: 1rem auto 4rem; padding: 0 .75rem; display: grid; gap: .75rem }
article { background: var(--card); border-radius: 14px; overflow: hidden; scroll-margin-block-start: 5rem }
article:target { outline: 3px solid var(--accent) }
.photos { display: grid; gap: 2px; grid-template-columns: repeat(2, 1fr) }
.photos img { inline-size: 100%; block-size: 100%; aspect-ratio: 4 / 3; object-fit: cover; display: block }
.photos img:first-child:nth-last-child(odd) { grid-column: 1 / -1 }
.words { padding: .75rem 1rem 0; white-space: pre-wrap; overflow-wrap: anywhere } .words a { color: var(--accent) }
footer { padding: .35rem 1rem .6rem; color: var(--soft); font-size: .8rem; text-align: end }
.deleted { opacity: .55 } .deleted .words { text-decoration: line-through }
.empty { text-align: center; color: var(--soft) }
</style></head>
<body><header><h1>$title</h1><p>$subtitle</p></header><main>$posts</main>
<script>
const id = location.pathname.split("/")[2]; const post = id && document.getElementById(id);
if (post) { location.replace("#" + id) } else if (!location.hash) { scrollTo(0, document.body.scrollHeight) }
</script></body></html>""")


def channel_page(chat: dict[str, Any], messages: list[dict[str, Any]], chats: list[dict[str, Any]]) -> str:
    groups = groupby(messages, key=lambda message: message["album"] or message["id"])
    posts = [_post(list(group)) for _, group in groups][-SHOWN_POSTS:]
    others = " · ".join(
        f'<a href="/{escape(other["username"])}">@{escape(other["username"])}</a>'
        for other in chats
        if other["id"] != chat["id"]
    )
    return PAGE.substitute(
        title=escape(chat["title"]),
        subtitle="Песочница: так выглядел бы канал в Telegram" + (f" · {others}" if others else ""),
        posts="".join(posts) or '<p class="empty">Здесь появятся объявления, как только вы их опубликуете.</p>',
    )


def _post(messages: list[dict[str, Any]]) -> str:
    present = [message for message in messages if message["deleted"] is None]
    shown = present or messages
    photos = "".join(
        f'<img src="/photos/{message["photo"]}.jpg" alt="" loading="lazy"'
        f' width="{message["width"]}" height="{message["height"]}">'
        for message in shown
        if message["photo"]
    )
    words = shown[0]["html"]
    marks = [_time(shown[0]["sent"])]
    if any(message["edited"] for message in present):
        marks.insert(0, "изменено")
    if not present:
        marks.insert(0, f"удалено {_time(messages[0]['deleted'])}")
    return (
        f'<article id="{messages[0]["id"]}" class="{"" if present else "deleted"}">'
        + (f'<div class="photos">{photos}</div>' if photos else "")
        + (f'<div class="words">{words}</div>' if words else "")
        + f"<footer>{' · '.join(marks)}</footer></article>"
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, MINSK).strftime("%d.%m.%Y %H:%M")
