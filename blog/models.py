"""Blog: an index, posts, their categories and authors."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.images.models import CustomImage
from cms.images.renditions import photo_document
from cms.pages.blocks import content_blocks, stream_document
from cms.pages.links import site_place, site_roots
from cms.pages.models import PageType, SitePage


class Category(models.Model):
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(
        _("address part"), max_length=60, unique=True, help_text=_("Latin letters, digits and dashes.")
    )

    panels = [FieldPanel("name"), FieldPanel("slug")]

    class Meta:
        ordering = ["name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    name = models.CharField(_("full name"), max_length=80)
    role = models.CharField(
        _("position"), max_length=120, blank=True, help_text=_("Shown under the name, for example “service engineer”.")
    )

    panels = [FieldPanel("name"), FieldPanel("role")]

    class Meta:
        ordering = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self) -> str:
        return self.name


class BlogIndexPage(SitePage):
    """The list of posts. It is filled in when it is read; nobody edits it."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)

    document_type = PageType.BLOG_INDEX
    parent_page_types = ["pages.HomePage"]
    subpage_types = ["blog.BlogPostPage"]
    max_count_per_parent = 1
    content_panels = [*Page.content_panels, FieldPanel("intro")]
    page_description = _("The list of blog posts.")

    class Meta:
        verbose_name = _("blog")
        verbose_name_plural = _("blogs")

    def document_parts(self) -> dict[str, Any]:
        return {"body": [], "intro": self.intro}


class PostTag(TaggedItemBase):
    content_object = ParentalKey("blog.BlogPostPage", on_delete=models.CASCADE, related_name="tagged_items")


class BlogPostPage(SitePage):
    intro = models.TextField(
        _("introduction"), max_length=300, help_text=_("One or two sentences: shown in lists and above the text.")
    )
    cover = models.ForeignKey(
        CustomImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("cover")
    )
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts", verbose_name=_("category")
    )
    author = models.ForeignKey(
        Author, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts", verbose_name=_("author")
    )
    tags = ClusterTaggableManager(through=PostTag, blank=True, verbose_name=_("tags"))
    body = StreamField(content_blocks, verbose_name=_("text"), blank=True)
    related = ParentalManyToManyField(
        "self",
        blank=True,
        symmetrical=False,
        related_name="related_from",
        verbose_name=_("read next"),
        help_text=_("Up to three posts. If you choose none, neighbouring posts of the same category are shown."),
    )

    document_type = PageType.BLOG_POST
    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("cover"),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldPanel("category"), FieldPanel("author"), FieldPanel("tags")], heading=_("Where it belongs")
        ),
        FieldPanel("related"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    page_description = _("News, advice or a review.")

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")

    def document_parts(self) -> dict[str, Any]:
        return {
            "body": stream_document(self.body),
            "intro": self.intro,
            "published_at": self._published_at(),
            "updated_at": (self.last_published_at or timezone.now()).isoformat(timespec="seconds"),
            "author": {"name": self.author.name, "role": self.author.role} if self.author else None,
            "category": self._category(),
            "tags": sorted(tag.name for tag in self.tags.all()),
            "image": photo_document(self.cover) if self.cover else None,
            "related": sorted(post.pk for post in self.related.all()),
        }

    def document_card(self) -> dict[str, Any]:
        place = site_place(self.url_path, site_roots())
        return {
            "path": place[1] if place else "",
            "title": self.title,
            "intro": self.intro,
            "published_at": self._published_at(),
            "category": self._category(),
            "image": photo_document(self.cover) if self.cover else None,
        }

    def category_slug(self) -> str:
        return self.category.slug if self.category else ""

    def _category(self) -> dict[str, str] | None:
        return {"slug": self.category.slug, "name": self.category.name} if self.category else None

    def _published_at(self) -> str:
        return (self.first_published_at or timezone.now()).isoformat(timespec="seconds")
