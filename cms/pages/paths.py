"""Which addresses of the site a change of a page affects. For the publisher of the static site."""

from django.db.models import Q
from wagtail import hooks

from .models import PublishedPage


def affected_paths(document: PublishedPage) -> list[str]:
    """The page's own address first, then every address that shows something of it.

    Apps add theirs through the hook `affected_page_paths`: function(document) -> iterable of addresses.
    """
    paths = [document.path]
    for function in hooks.get_hooks("affected_page_paths"):
        paths.extend(function(document))
    return list(dict.fromkeys(paths))


def paths_showing_listings() -> list[str]:
    """Pages with blocks of cars or makes: what is affected when a listing changes."""
    return _paths(Q(shows__contains="cars") | Q(shows__contains="makes"))


def paths_showing_posts() -> list[str]:
    """Pages with a block of blog posts."""
    return _paths(Q(shows__contains="posts"))


def all_page_paths() -> list[str]:
    """Every address of pages, the further pages of the blog included."""
    paths = _paths(Q())
    for function in hooks.get_hooks("extra_page_paths"):
        paths.extend(function())
    return paths


def _paths(condition: Q) -> list[str]:
    pages = PublishedPage.objects.public().on_default_site().filter(condition)
    return list(pages.order_by("path").values_list("path", flat=True))
