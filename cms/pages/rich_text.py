"""How rich text on the site links to pages."""

from typing import Any

from django.utils.html import escape
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler

from .links import Place, site_place, site_roots


class SitePageLinkHandler(PageLinkHandler):
    """Rich text links to pages by their address on the site; a link to a draft loses its address."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        ids = [attrs["id"] for attrs in attrs_list if str(attrs.get("id", "")).isdigit()]
        live = dict(Page.objects.live().public().filter(pk__in=ids).values_list("pk", "url_path"))
        roots = site_roots()
        return [cls._tag(live.get(int(attrs["id"])) if attrs.get("id") in ids else None, roots) for attrs in attrs_list]

    @staticmethod
    def _tag(url_path: str | None, roots: list[Place]) -> str:
        place = site_place(url_path, roots) if url_path else None
        return f'<a href="{escape(place[1])}">' if place else "<a>"
