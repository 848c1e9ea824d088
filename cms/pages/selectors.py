"""Reads for the API: published documents, settings, redirects. Nothing of the write side's drafts."""

import re
from typing import Any

from django.db.models import F
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from listings.models import ExchangeRate

from .links import is_local_path
from .models import PublishedPage, SiteSettings

_LIST_PAGE = re.compile(r"(?P<path>/.*)/page/(?P<number>[1-9]\d{0,4})")


def find_page(path: str) -> tuple[PublishedPage | None, int]:
    """The document at an address of the default site, and the number of the page of its list.

    A public page wins over the memory of one that stood there before. One query.
    """
    match = _LIST_PAGE.fullmatch(path)
    wanted = [path] + ([match["path"]] if match else [])
    rows = list(PublishedPage.objects.on_default_site().filter(path__in=wanted).order_by("-is_public", "-removed_at"))
    exact = next((row for row in rows if row.path == path), None)
    if exact or not match:
        return exact, 1
    # Page 1 has the list's own address only.
    number = int(match["number"])
    listed = next((row for row in rows if row.is_public), None)
    return (listed, number) if number > 1 else (None, 1)


def site_payload() -> dict[str, Any]:
    """What every page of the site shows. Three queries."""
    settings = SiteSettings.objects.filter(site__is_default_site=True).first() or SiteSettings()
    rate = ExchangeRate.objects.filter(currency="USD").order_by("-date").first()
    return {
        "name": settings.name,
        "tagline": settings.tagline,
        "phone": settings.phone,
        "email": settings.email,
        "address": settings.address,
        "hours": settings.hours,
        "socials": settings.social_items(),
        "navigation": _navigation(settings),
        "footer_text": settings.footer_text,
        "usd_rate": {"rate": float(rate.rate), "date": rate.date.isoformat()} if rate else None,
    }


def redirects_payload() -> dict[str, Any]:
    """Old addresses of the default site and where they lead; those that would hide a page are left out.

    Three queries.
    """
    public = dict(PublishedPage.objects.public().on_default_site().values_list("page_id", "path"))
    taken = set(public.values())
    default = Site.objects.filter(is_default_site=True).first()
    items = []
    # A redirect of this site comes before one of all sites.
    for row in Redirect.get_for_site(default).order_by("old_path", F("site").asc(nulls_last=True)):
        target = public.get(row.redirect_page_id) if row.redirect_page_id else row.redirect_link
        if target and target != row.old_path and row.old_path not in taken and is_local_path(row.old_path):
            taken.add(row.old_path)
            items.append({"from": row.old_path, "to": target, "permanent": row.is_permanent})
    return {"items": items}


def _navigation(settings: SiteSettings) -> list[dict[str, str]]:
    """Items whose page is not public (any more) are left out."""
    items = settings.navigation_items()
    ids = [item["link"]["page"] for item in items if item["link"].get("page")]
    paths = dict(PublishedPage.objects.public().filter(page__in=ids).values_list("page_id", "path"))
    links = [(item["title"], item["link"]) for item in items]
    resolved = [(title, paths.get(link["page"]) if link.get("page") else link.get("path")) for title, link in links]
    return [{"title": title, "path": path} for title, path in resolved if path]
