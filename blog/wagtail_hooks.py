"""The blog's entry in the admin menu, and its part of the site's addresses."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.pages.models import PublishedPage

from .models import Author, Category
from .paths import affected_by_post, all_list_paths


class CategoryViewSet(SnippetViewSet):
    model = Category
    icon = "folder-open-inverse"
    menu_label = _("Categories")
    list_display = ["name", "slug"]
    search_fields = ["name"]


class AuthorViewSet(SnippetViewSet):
    model = Author
    icon = "user"
    menu_label = _("Authors")
    list_display = ["name", "role"]
    search_fields = ["name"]


class BlogGroup(SnippetViewSetGroup):
    items = (CategoryViewSet, AuthorViewSet)
    menu_label = _("Blog")
    menu_icon = "doc-full"
    menu_order = 300


register_snippet(BlogGroup)


@hooks.register("affected_page_paths")
def affected_page_paths(document: PublishedPage) -> Iterable[str]:
    return affected_by_post(document)


@hooks.register("extra_page_paths")
def extra_page_paths() -> Iterable[str]:
    return all_list_paths()
