"""Fills in what a page's document leaves open: cars, makes and posts, from published documents, when it is read."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from cms.pages.blocks import FOR_SALE
from listings.catalogue.index import current_view
from listings.catalogue.query import InvalidQuery, answer
from listings.models import Make

from .models import PageType, PublishedPage

logger = logging.getLogger(__name__)

PageResolver = Callable[[PublishedPage, dict[str, Any], int], dict[str, Any] | None]
"""Takes the row, its document and the number of the page of a list; None: there is no such page of the list."""

_page_resolvers: dict[str, PageResolver] = {}


def resolves(page_type: PageType) -> Callable[[PageResolver], PageResolver]:
    """Registers what a type of page shows beside its blocks."""

    def register(resolver: PageResolver) -> PageResolver:
        if page_type in _page_resolvers:
            raise ValueError(f"{page_type} has a resolver already")
        _page_resolvers[page_type] = resolver
        return resolver

    return register


def resolve_page(row: PublishedPage, document: dict[str, Any], number: int = 1) -> dict[str, Any] | None:
    """The page as readers get it. `number` above 1 is for pages that list posts."""
    body = [block | {"value": _resolve_block(block)} for block in document.get("body", [])]
    if "body" in document:
        document = document | {"body": body}
    resolver = _page_resolvers.get(document["type"])
    if resolver is None:
        return document if number == 1 else None
    return resolver(row, document, number)


def newest_posts(category: str, limit: int) -> list[dict[str, Any]]:
    posts = PublishedPage.objects.posts()
    if category:
        posts = posts.filter(category=category)
    return [json.loads(card) for card in posts.values_list("card", flat=True)[:limit]]


def _resolve_block(block: dict[str, Any]) -> dict[str, Any]:
    value = dict(block["value"])
    rule = value.pop("rule", None)
    if block["type"] == "cars":
        value["cards"] = _cars(rule)
    elif block["type"] == "makes":
        value["items"] = _makes()
    elif block["type"] == "posts":
        value["cards"] = newest_posts(**rule)
    return value


def _cars(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """By the catalogue's own filters, so that the block and the list behind its link mean the same."""
    parameters = QueryDict(mutable=True)
    for name, value in rule.items():
        parameters.setlist(name, [str(item) for item in value] if isinstance(value, list) else [str(value)])
    try:
        return [json.loads(card) for card in answer(parameters, current_view()).cards]
    except InvalidQuery as error:
        # A rule that named a code which is no more: the page stays up without these cars.
        logger.warning("A block's rule does not fit the catalogue any more: %s", error.errors)
        return []


def _makes() -> list[dict[str, Any]]:
    """Makes that have cars for sale, those with most cars first."""
    view = current_view()
    for_sale = view.alive & view.any_of("sale_state", [str(state) for state in FOR_SALE])
    counts = view.count_codes("make", view.rows(for_sale))
    names = dict(Make.objects.filter(slug__in=counts).values_list("slug", "name"))
    items = [{"slug": slug, "name": names.get(slug, slug), "count": count} for slug, count in counts.items()]
    return sorted(items, key=lambda item: (-item["count"], item["name"]))


def resolve_draft(document: dict[str, Any]) -> dict[str, Any]:
    """The same for a draft, which has no row yet."""
    unsaved = PublishedPage(path=document["path"], type=document["type"], published_at=timezone.now())
    return resolve_page(unsaved, document) or document
