"""Hears Wagtail and turns what happened into published documents."""

from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

from cms.images.models import CustomImage
from cms.images.signals import picture_replaced, renditions_ready

from .documents import publish_pages, remove_pages
from .models import PublishedPage, SitePage, SiteSettings
from .signals import site_changed


@receiver(page_published)
def page_was_published(instance: Page, **kwargs: Any) -> None:
    """Inside the transaction of `SitePage.publish`: the change and its document are one."""
    if isinstance(instance, SitePage):
        publish_pages([instance.pk])


@receiver(page_unpublished)
def page_was_withdrawn(instance: Page, **kwargs: Any) -> None:
    """Also before a deletion, when the row still says "live": so the document goes, whatever the row says."""
    remove_pages(PublishedPage.objects.filter(page=instance.pk))


@receiver(post_page_move)
def page_moved(instance: Page, url_path_before: str, url_path_after: str, **kwargs: Any) -> None:
    if url_path_before != url_path_after:
        publish_pages(instance.get_descendants(inclusive=True).values_list("pk", flat=True))


@receiver(pre_delete, sender=Page)
def page_deleted(instance: Page, **kwargs: Any) -> None:
    remove_pages(PublishedPage.objects.filter(page=instance))


@receiver([post_save, post_delete], sender=PageViewRestriction)
def privacy_changed(instance: PageViewRestriction, **kwargs: Any) -> None:
    """A page that asks for a password or a log-in, and all below it, leave the site; and come back."""
    if kwargs.get("raw"):
        return
    page = Page.objects.filter(pk=instance.page_id).first()
    if page:
        publish_pages(page.get_descendants(inclusive=True).values_list("pk", flat=True))


@receiver([renditions_ready, picture_replaced], sender=CustomImage)
def photo_looks_different(image: CustomImage, **kwargs: Any) -> None:
    showing = PublishedPage.objects.public().filter(photo_ids__contains=f" {image.pk} ")
    publish_pages(showing.values_list("page_id", flat=True))


@receiver(post_save, sender=SiteSettings)
def settings_saved(raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        site_changed.send(sender=SiteSettings)


@receiver(post_save, sender=Site)
def site_root_changed(instance: Site, raw: bool = False, created: bool = False, **kwargs: Any) -> None:
    """Another home page, or another default site: every address may have changed."""
    if not raw and instance.root_page_id:
        below = Page.objects.get(pk=instance.root_page_id).get_descendants(inclusive=True)
        publish_pages({*below.values_list("pk", flat=True), *_documented()})


def _documented() -> set[int]:
    return set(PublishedPage.objects.public().exclude(page=None).values_list("page_id", flat=True))
