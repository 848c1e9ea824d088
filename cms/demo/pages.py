"""The demo's site: home page, content pages and blog, published as an editor would do it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from wagtail.models import Collection, Page, Site

from blog.models import Author, BlogIndexPage, BlogPostPage, Category
from cms.images.models import CustomImage
from cms.pages.models import ContentPage, HomePage, PublishedPage, SitePage, SiteSettings
from cms.users.models import User

from .blocks import stream
from .pictures import site_picture
from .source import DATA, read

COLLECTION = "Сайт и блог"
CONTENT_PAGES = ("about", "contacts", "privacy")


def load_pages(user: User) -> int:
    """Adds the pages that have never been here; returns how many. A page that somebody has deleted stays deleted."""
    home, count = HomePage.objects.first(), 0
    if home is None:
        home, count = _add_home(user), 1
    site = _fit_site(home)
    known = _known_paths(home)
    for name in CONTENT_PAGES:
        count += _load_page(home, ContentPage, read(f"page-{name}.toml"), known, user)
    count += _load_page(home, BlogIndexPage, read("blog.toml"), known, user)
    blog = BlogIndexPage.objects.child_of(home).first()
    for file in sorted((DATA / "posts").glob("*.toml")) if blog else ():
        count += _load_post(blog, read(f"posts/{file.name}"), known, user)
    _load_settings(site, home)
    return count


@transaction.atomic
def _add_home(user: User) -> HomePage:
    """The home page takes the place of the page that Wagtail greets with."""
    data = read("home.toml")
    root = Page.get_first_root_node()
    home = HomePage(title=data["title"], slug="site", live=False, body=_body(data), **_search_words(data))
    root.add_child(instance=home)
    home.save_revision(user=user).publish(user=user)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.root_page, site.site_name = home, "Автофэмили"
    site.hostname, site.port = _address()
    site.save()
    for page in Page.objects.child_of(Page.get_first_root_node()).exclude(pk=home.pk):
        # Of no type of ours and nobody's home: Wagtail's "Welcome".
        if page.specific_class is Page and page.is_leaf() and not page.sites_rooted_here.exists():
            page.delete()
    return home


def _fit_site(home: HomePage) -> Site:
    """The demo may be started at another address; links in e-mails and the admin have to follow."""
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.port) != _address():
        site.hostname, site.port = _address()
        site.save()
    return site


def _address() -> tuple[str, int]:
    parts = urlsplit(settings.SITE_URL)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


def _known_paths(home: HomePage) -> set[str]:
    """Addresses that are taken, or were, below the home page."""
    drafts = Page.objects.descendant_of(home).values_list("url_path", flat=True)
    return {
        *("/" + url_path[len(home.url_path) :].rstrip("/") for url_path in drafts),
        *PublishedPage.objects.values_list("path", flat=True),
    }


def _load_page(home: HomePage, kind: type[SitePage], data: dict[str, Any], known: set[str], user: User) -> int:
    if f"/{data['slug']}" in known:
        return 0
    own = {"intro": data["intro"]} if kind is BlogIndexPage else {"body": _body(data)}
    with transaction.atomic():
        page = kind(title=data["title"], slug=data["slug"], live=False, **own, **_search_words(data))
        _publish(home, page, user)
    return 1


def _load_post(blog: BlogIndexPage, data: dict[str, Any], known: set[str], user: User) -> int:
    if f"/{blog.slug}/{data['slug']}" in known:
        return 0
    with transaction.atomic():
        category, _ = Category.objects.get_or_create(slug=data["category"]["slug"], defaults=data["category"])
        author, _ = Author.objects.get_or_create(name=data["author"]["name"], defaults=data["author"])
        post = BlogPostPage(
            title=data["title"],
            slug=data["slug"],
            intro=data["intro"],
            cover=_picture(data["cover"], data["title"]),
            category=category,
            author=author,
            body=_body(data),
            live=False,
            first_published_at=timezone.now() - timedelta(days=data["days_ago"]),
            **_search_words(data),
        )
        _publish(blog, post, user, data["tags"])
    return 1


def _publish(parent: Page, page: SitePage, user: User, tags: list[str] | None = None) -> None:
    # A fresh parent: the tree fields of one that has got children meanwhile are out of date.
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    if tags:
        page.tags.add(*tags)
    page.save_revision(user=user).publish(user=user)


def _body(data: dict[str, Any]) -> str:
    return stream(data["block"], picture=lambda kind: _picture(kind, data["title"]).pk)


def _picture(kind: str, title: str) -> CustomImage:
    root = Collection.get_first_root_node()
    collection = root.get_children().filter(name=COLLECTION).first()
    return site_picture(kind, title, collection or root.add_child(instance=Collection(name=COLLECTION)))


def _search_words(data: dict[str, Any]) -> dict[str, str]:
    return {"seo_title": data.get("seo_title", ""), "search_description": data["description"]}


def _load_settings(site: Site, home: HomePage) -> None:
    """Fills the site's settings in unless somebody has."""
    row = SiteSettings.objects.filter(site=site).first() or SiteSettings(site=site)
    if row.navigation or row.tagline or row.phone:
        return
    data = read("site.toml")
    for name in ("name", "tagline", "phone", "email", "address", "hours"):
        setattr(row, name, data[name])
    row.footer_text = data["footer_text"].strip()
    row.socials = [("social", social) for social in data["social"]]
    pages = {page.slug: page for page in Page.objects.child_of(home)}
    row.navigation = [
        ("item", {"title": item["title"], "link": {"page": pages.get(item["path"].strip("/")), "path": item["path"]}})
        for item in data["navigation"]
    ]
    row.full_clean()
    row.save()
