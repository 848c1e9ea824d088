"""The read side of pages: one finished document per page that has ever been published."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Site

from cms.pages.links import MAX_PATH


class PageType(models.TextChoices):
    HOME = "home", _("home page")
    CONTENT = "content", _("content page")
    BLOG_INDEX = "blog_index", _("blog")
    BLOG_POST = "blog_post", _("blog post")


class PublishedPageQuerySet(models.QuerySet["PublishedPage"]):
    def public(self) -> "PublishedPageQuerySet":
        return self.filter(is_public=True)

    def on_default_site(self) -> "PublishedPageQuerySet":
        return self.filter(site__is_default_site=True)

    def posts(self) -> "PublishedPageQuerySet":
        """Public blog posts, newest first."""
        posts = self.public().filter(type=PageType.BLOG_POST)
        return posts.order_by("-published_at", "-pk")


class PublishedPage(models.Model):
    """What visitors see of a page. The row stays when it is withdrawn, emptied, as the memory of its address."""

    page = models.OneToOneField(Page, on_delete=models.SET_NULL, null=True, related_name="document")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="documents")
    path = models.CharField(_("address"), max_length=MAX_PATH)
    type = models.CharField(_("type"), max_length=20, choices=PageType)
    title = models.CharField(_("title"), max_length=255)
    is_public = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes of this document.")
    content_hash = models.CharField(max_length=64, blank=True)
    document = models.TextField(help_text="JSON of the page; lists of cars and posts are filled in when it is read.")
    card = models.TextField(default="{}", help_text="JSON for lists of posts.")
    category = models.CharField(max_length=100, blank=True, help_text="Slug of a post's category.")
    shows = models.CharField(
        max_length=40, blank=True, help_text="What is filled in when it is read: words among cars, makes, posts."
    )
    photo_ids = models.TextField(blank=True, help_text="Photos it shows, each id between spaces.")
    published_at = models.DateTimeField(_("first published"))
    updated_at = models.DateTimeField(_("changed"))
    removed_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = models.Manager.from_queryset(PublishedPageQuerySet)()

    class Meta:
        verbose_name = _("published page")
        verbose_name_plural = _("published pages")
        indexes = [
            models.Index(fields=["site", "path"], name="published_page_path"),
            models.Index(fields=["type", "-published_at"], name="published_page_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "path"], condition=models.Q(is_public=True), name="published_page_path_once"
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.document)

    @property
    def card_data(self) -> dict[str, Any]:
        return json.loads(self.card)
