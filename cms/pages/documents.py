"""Writes published documents of pages: the one door from the write side to everything that visitors see."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import Page, ReferenceIndex

from cms.images.renditions import photo_document

from .links import Place, site_place, site_roots
from .models import PublishedPage, SitePage
from .signals import PageChange, page_changed

DYNAMIC_BLOCKS = ("cars", "makes", "posts")
"""Blocks whose content is filled in when the page is read."""


def publish_pages(page_ids: Iterable[int]) -> list[PageChange]:
    """Writes the documents of these pages as they stand now, in one transaction, and tells who listens.

    A page that is not public, or is gone, loses its document's content. A page that has moved takes the pages
    below it along, and the pages that link to it are written again. Unchanged documents are left alone.
    """
    with transaction.atomic():
        changes = _write_pages(set(page_ids))
        moved = [change.document for change in changes if _address_changed(change)]
        if moved:
            follow = _below_and_linking(moved) - {change.document.page_id for change in changes}
            changes += _write_pages(follow)
        if changes:
            page_changed.send(sender=PublishedPage, changes=changes)
    return changes


def remove_pages(documents: Iterable[PublishedPage]) -> list[PageChange]:
    """Withdraws the documents of pages that are being deleted."""
    with transaction.atomic():
        changes = [_withdraw(document) for document in documents if document.is_public]
        if changes:
            linking = _below_and_linking([change.document for change in changes], below=False)
            page_changed.send(sender=PublishedPage, changes=changes)
            # Links lose their address once the page is really gone.
            transaction.on_commit(partial(publish_pages, linking))
    return changes


def page_document(page: SitePage, roots: list[Place] | None = None) -> dict[str, Any]:
    """The page's JSON, as published; also of a draft in memory. Makes missing card renditions."""
    place = site_place(page.url_path or "", site_roots() if roots is None else roots)
    with override("ru"):
        document = {
            "type": str(page.document_type),
            "path": place[1] if place else "",
            "title": page.title,
            **page.document_parts(),
        }
    image = photo_document(page.seo_image) if page.seo_image else _first_photo(document)
    seo = {"title": page.seo_title or page.title, "description": page.search_description, "image": image}
    return document | {"seo": seo}


def _write_pages(page_ids: set[int]) -> list[PageChange]:
    public = Page.objects.live().public().filter(pk__in=page_ids).specific()
    pages = {page.pk: page for page in public if isinstance(page, SitePage)}
    known = {row.page_id: row for row in PublishedPage.objects.select_for_update().filter(page__in=page_ids)}
    roots = site_roots()
    changes = []
    for page_id in sorted(page_ids):
        page, row = pages.get(page_id), known.get(page_id)
        place = site_place(page.url_path, roots) if page else None
        if page and place:
            change = _save(page, place, row, page_document(page, roots))
        else:
            change = _withdraw(row) if row and row.is_public else None
        if change:
            changes.append(change)
    return changes


def _save(page: SitePage, place: Place, row: PublishedPage | None, document: dict[str, Any]) -> PageChange | None:
    card = page.document_card()
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    card_text = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
    content_hash = hashlib.sha256(f"{place}{text}{card_text}".encode()).hexdigest()
    if row and row.is_public and row.content_hash == content_hash:
        return None
    known = row or PublishedPage(page=page, version=0)
    previous, was_public = known.path, bool(row and row.is_public)
    known.site_id, known.path = place
    known.type, known.title, known.is_public = page.document_type, page.title, True
    known.document, known.card, known.content_hash = text, card_text, content_hash
    known.category = page.category_slug()
    known.shows = " ".join(kind for kind in DYNAMIC_BLOCKS if _has_block(document, kind))
    known.photo_ids = " ".join(["", *(str(pk) for pk in sorted(_photo_ids([document, card]))), ""])
    known.published_at = page.first_published_at or timezone.now()
    known.version += 1
    known.updated_at, known.removed_at = timezone.now(), None
    known.save()
    moved = was_public and previous != known.path
    return PageChange("updated" if was_public else "published", known, previous if moved else "")


def _withdraw(row: PublishedPage) -> PageChange:
    """Empties the document: the address is remembered, the content is gone from every reader."""
    now: datetime = timezone.now()
    row.is_public, row.version, row.removed_at, row.updated_at = False, row.version + 1, now, now
    row.document = row.card = "{}"
    row.content_hash = row.shows = row.photo_ids = ""
    row.save()
    return PageChange("removed", row)


def _address_changed(change: PageChange) -> bool:
    """Whether links to the page, or the addresses below it, need another look."""
    return bool(change.previous_path) or change.kind in ("published", "removed")


def _below_and_linking(documents: list[PublishedPage], *, below: bool = True) -> set[int]:
    """Published pages below these pages, and those whose texts or buttons link to them."""
    ids = {document.page_id for document in documents if document.page_id}
    linked_from = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        to_content_type=ContentType.objects.get_for_model(Page),
        to_object_id__in=[str(pk) for pk in ids],
    ).values_list("object_id", flat=True)
    found = {int(pk) for pk in linked_from}
    if below:
        for tree_path in Page.objects.filter(pk__in=ids).values_list("path", flat=True):
            found.update(Page.objects.filter(path__startswith=tree_path).values_list("pk", flat=True))
    return set(PublishedPage.objects.public().filter(page__in=found - ids).values_list("page_id", flat=True))


def _first_photo(document: dict[str, Any]) -> dict[str, Any] | None:
    """The first picture of the page, for social networks."""
    return next(_photos([document]), None)


def _photo_ids(values: Any) -> set[int]:
    return {photo["id"] for photo in _photos(values)}


def _photos(value: Any) -> Iterator[dict[str, Any]]:
    """All photos within a document, wherever they stand."""
    if isinstance(value, dict):
        if "sources" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _photos(item)


def _has_block(document: dict[str, Any], kind: str) -> bool:
    return any(block["type"] == kind for block in document.get("body", []))
