"""What is filled in when the blog is read: lists of posts, and what to read next."""

import json
from math import ceil
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from cms.pages.models import PageType, PublishedPage
from cms.pages.resolvers import resolves

PER_PAGE = 12
MORE = 3
"""Posts under "read next"."""


def pages_of(posts: int) -> int:
    """How many pages a list of so many posts has: at least one."""
    return max(1, ceil(posts / PER_PAGE))


@resolves(PageType.BLOG_INDEX)
def resolve_index(row: PublishedPage, document: dict[str, Any], number: int) -> dict[str, Any] | None:
    """The posts of one page of the list. Two queries."""
    posts = posts_below(row.path)
    pages = pages_of(posts.count())
    if number > pages:
        return None
    start = (number - 1) * PER_PAGE
    cards = posts.values_list("card", flat=True)[start : start + PER_PAGE]
    path = document["path"] if number == 1 else f"{document['path']}/page/{number}"
    listed = {"path": path, "posts": [json.loads(card) for card in cards], "page": number, "pages": pages}
    return document | listed


@resolves(PageType.BLOG_POST)
def resolve_post(row: PublishedPage, document: dict[str, Any], number: int) -> dict[str, Any] | None:
    """Adds what to read next. One query."""
    if number > 1:
        return None
    related = document["related"]
    shown = {name: value for name, value in document.items() if name != "related"}
    return shown | {
        "more": [json.loads(card) for card in read_next(row, related).values_list("card", flat=True)[:MORE]]
    }


def posts_below(path: str) -> QuerySet[PublishedPage]:
    """Public posts of the blog at this address, newest first."""
    return PublishedPage.objects.posts().on_default_site().filter(path__startswith=f"{path}/")


def read_next(row: PublishedPage, related: list[int]) -> QuerySet[PublishedPage]:
    """The chosen posts, then older ones of the same category, older ones, and at last newer ones.

    Older first, so that a new post does not change what stands under every other one.
    """
    older = Q(published_at__lt=row.published_at) | Q(published_at=row.published_at, pk__lt=row.pk or 0)
    rank = Case(
        When(page__in=related, then=Value(0)),
        When(older & Q(category=row.category), then=Value(1)),
        When(older, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    newer_age = Case(When(rank=3, then="published_at"))
    blog = row.path.rsplit("/", 1)[0]
    return posts_below(blog).exclude(pk=row.pk).annotate(rank=rank).order_by("rank", newer_age, "-published_at", "-pk")
