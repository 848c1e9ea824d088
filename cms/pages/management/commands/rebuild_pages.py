"""Writes all documents of pages again: after an upgrade, a restored backup, or changed block code."""

from typing import Any

from django.core.management.base import BaseCommand
from wagtail.models import Page

from cms.pages.documents import publish_pages
from cms.pages.models import PublishedPage

BATCH = 50


class Command(BaseCommand):
    help = "Write the published documents of all pages again."

    def handle(self, *args: Any, **options: Any) -> None:
        ids = set(Page.objects.live().values_list("pk", flat=True))
        ids |= set(PublishedPage.objects.public().exclude(page=None).values_list("page_id", flat=True))
        ordered, changed = sorted(ids), 0
        for start in range(0, len(ordered), BATCH):
            changed += len(publish_pages(ordered[start : start + BATCH]))
        self.stdout.write(f"{changed} of {len(ordered)} pages written")
