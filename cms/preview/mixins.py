"""Live preview of drafts, rendered by the site: pages run on wagtail-headless-preview, snippets on the same glue.

The library stores a draft as its model's JSON and builds it again on every read. We store the finished document:
drafts in memory need no round trip, a read is one query, and no picture is ever made inside it. Its tokens
("id=5") are the same for a page and a snippet and never expire; ours name the model, are random and last an hour.
"""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from wagtail.models import PreviewableMixin
from wagtail_headless_preview.models import HeadlessPreviewMixin, HeadlessServeMixin

from .registry import PreviewIncompleteError, build_preview


class DraftPreviewMixin(HeadlessPreviewMixin):
    """wagtail-headless-preview's flow with our store and our tokens."""

    def create_page_preview(self) -> object:
        """Called by `serve_preview`, which saves what is returned."""
        # Inline: models cannot be imported while other apps' models use this mixin.
        from .models import PreviewDraft

        kind, document = build_preview(self)
        label = self._meta.label_lower
        PreviewDraft.purge()
        return PreviewDraft(model=label, kind=kind, document=json.dumps(document, ensure_ascii=False))

    def get_preview_url(self, request: HttpRequest, token: str) -> str:
        query = {"token": token}
        if getattr(request, "in_preview_panel", False):
            # The site then keeps the scroll position and switches links off.
            query["in_preview_panel"] = "true"
        return f"{self.get_client_root_url(request)}?{urlencode(query)}"

    def serve_preview(self, request: HttpRequest, preview_mode: str) -> HttpResponse:
        try:
            return super().serve_preview(request, preview_mode)
        except PreviewIncompleteError as error:
            return render(request, "preview/incomplete.html", {"message": str(error)})


class PageHeadlessPreviewMixin(DraftPreviewMixin, HeadlessServeMixin):
    """For pages: preview on the site, and "view live" leads to the site."""


class SnippetHeadlessPreviewMixin(DraftPreviewMixin, PreviewableMixin):
    """For snippets (listings)."""
