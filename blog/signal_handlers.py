"""A renamed category or author reaches every post that shows it."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from cms.pages.documents import publish_pages

from .models import Author, BlogPostPage, Category

FIELDS: dict[type, str] = {Category: "category", Author: "author"}


@receiver(post_save, sender=Category)
@receiver(post_save, sender=Author)
def shown_name_changed(sender: type, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if not created and not raw:
        publish_pages(_posts(sender, instance))


@receiver(pre_delete, sender=Category)
@receiver(pre_delete, sender=Author)
def shown_row_deleted(sender: type, instance: Any, **kwargs: Any) -> None:
    # The posts lose it when the row is gone.
    posts = _posts(sender, instance)
    transaction.on_commit(lambda: publish_pages(posts))


def _posts(sender: type, instance: Any) -> list[int]:
    return list(BlogPostPage.objects.live().filter(**{FIELDS[sender]: instance}).values_list("pk", flat=True))
