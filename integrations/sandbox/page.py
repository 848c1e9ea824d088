"""Pages on which a person sees what the platforms hold, as a visitor of each would."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html import escape
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .platform import Platform

MINSK = timezone(timedelta(hours=3))
SHOWN_POSTS = 200
"""The newest posts; more make the page slow."""

PAGE = Template("""<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><link rel="icon" href="data:,">
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
nav { font-size: .9rem } nav a { color: var(--accent); margin-inline: .35rem }
.platforms { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem }
.platforms a { display: flex; justify-content: space-between; gap: 1rem; padding: 1rem; border-radius: 14px;
  background: var(--card); color: inherit; text-decoration: none } .platforms span { color: var(--soft) }
</style></head>
<body><header><h1>$title</h1><p>$subtitle</p><nav>$links</nav></header><main>$posts</main>
<script>
const id = "$target";
if (id && document.getElementById(id)) { location.replace("#" + id) }
</script></body></html>""")


@dataclass(frozen=True)
class ShownPost:
    """One post. `html` is safe already; `photos` are addresses; times are Unix seconds."""

    id: str
    html: str
    photos: Sequence[str] = ()
    at: float = 0
    edited: bool = False
    removed_at: float | None = None
    marks: Sequence[str] = field(default_factory=tuple)
    """Further words for its last line: "выгрузка", "3 отметки «нравится»"."""


def posts_page(
    title: str, subtitle: str, posts: Sequence[ShownPost], *, links: Sequence[tuple[str, str]] = (), target: str = ""
) -> str:
    """The newest post first. `links`: words and addresses; `target`: the post to scroll to."""
    shown = [_post(post) for post in reversed(posts[-SHOWN_POSTS:])]
    return PAGE.substitute(
        title=escape(title),
        subtitle=escape(f"Песочница. {subtitle}"),
        links=" ".join(f'<a href="{escape(to)}">{escape(words)}</a>' for words, to in (*links, ("Все площадки", "/"))),
        posts="".join(shown) or '<p class="empty">Здесь появятся объявления, как только вы их опубликуете.</p>',
        target=escape(target),
    )


def overview(platforms: Sequence["Platform"]) -> str:
    """All platforms with the number of posts that stand there."""
    rows = "".join(
        f'<li><a href="/{platform.key}/"><b>{escape(platform.title)}</b><span>{platform.posts()}</span></a></li>'
        for platform in platforms
    )
    return PAGE.substitute(
        title="Площадки",
        subtitle="Песочница: что видят посетители площадок",
        links="",
        posts=f'<ul class="platforms">{rows}</ul>',
        target="",
    )


def _post(post: ShownPost) -> str:
    photos = "".join(f'<img src="{escape(photo)}" alt="" loading="lazy">' for photo in post.photos)
    marks = [*post.marks, moment(post.at)]
    if post.removed_at is not None:
        marks.insert(0, f"удалено {moment(post.removed_at)}")
    elif post.edited:
        marks.insert(0, "изменено")
    return (
        f'<article id="{escape(post.id)}" class="{"" if post.removed_at is None else "deleted"}">'
        + (f'<div class="photos">{photos}</div>' if photos else "")
        + (f'<div class="words">{post.html}</div>' if post.html else "")
        + f"<footer>{' · '.join(escape(mark) for mark in marks)}</footer></article>"
    )


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, MINSK).strftime("%d.%m.%Y %H:%M")
