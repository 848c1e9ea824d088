"""Pages of the site: what editors edit. Visitors see their published documents."""

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.images.models import CustomImage
from cms.pages.blocks import content_blocks, home_blocks, stream_document
from cms.preview.mixins import PageHeadlessPreviewMixin

from .document import PageType


class SitePage(PageHeadlessPreviewMixin, Page):
    """A page that visitors can open. Every change of it and its document are one transaction."""

    seo_image = models.ForeignKey(
        CustomImage,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("picture for social networks"),
        help_text=_("Shown when somebody shares the page. If empty, the page's first picture is taken."),
    )

    document_type: ClassVar[PageType]

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("seo_image"),
            ],
            heading=_("Search engines and social networks"),
        )
    ]

    class Meta:
        abstract = True

    def document_parts(self) -> dict[str, Any]:
        """What this type of page adds to its document."""
        raise NotImplementedError

    def document_card(self) -> dict[str, Any]:
        """The page in a list of posts; empty for pages that stand in no list."""
        return {}

    def category_slug(self) -> str:
        return ""

    def publish(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().publish(*args, **kwargs)

    def unpublish(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().unpublish(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return super().delete(*args, **kwargs)

    def move(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().move(*args, **kwargs)


class HomePage(SitePage):
    """The site's front page, put together of blocks."""

    body = StreamField(home_blocks, verbose_name=_("blocks"), blank=True)

    document_type = PageType.HOME
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["pages.ContentPage", "blog.BlogIndexPage"]
    content_panels = [*Page.content_panels, FieldPanel("body")]
    page_description = _("The first page of the site.")

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def document_parts(self) -> dict[str, Any]:
        return {"body": stream_document(self.body)}


class ContentPage(SitePage):
    """About us, leasing, delivery, terms: text and blocks."""

    body = StreamField(content_blocks, verbose_name=_("blocks"), blank=True)

    document_type = PageType.CONTENT
    parent_page_types = ["pages.HomePage", "pages.ContentPage"]
    subpage_types = ["pages.ContentPage"]
    content_panels = [*Page.content_panels, FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("body")]
    page_description = _("An ordinary page: about us, leasing, terms.")

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")

    def document_parts(self) -> dict[str, Any]:
        return {"body": stream_document(self.body)}
