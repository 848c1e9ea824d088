"""GET /pages, /site and /redirects."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from cms.pages import schemas
from cms.pages.models import SiteSettings
from listings.models import ExchangeRate
from tests.factories_pages import ContentPageFactory, site_home

pytestmark = pytest.mark.django_db


@pytest.mark.smoke
def test_a_page_has_exactly_the_documented_shape(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ContentPageFactory(
        slug="about", title="О нас", seo_title="О компании", search_description="Кто мы", published=True
    )  # fmt: skip
    with django_assert_num_queries(1):
        response = client.get("/api/v1/pages?path=/about")
    assert response.json() == {
        "type": "content",
        "path": "/about",
        "title": "О нас",
        "body": [],
        "seo": {"title": "О компании", "description": "Кто мы", "image": None},
    }
    schemas.Page.model_validate(response.json())


def test_the_home_page_stands_at_the_root(client: Client) -> None:
    site_home()
    assert client.get("/api/v1/pages?path=/").json()["path"] == "/"


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    ContentPageFactory(slug="about", published=True)
    first = client.get("/api/v1/pages?path=/about")
    again = client.get("/api/v1/pages?path=/about", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize(
    "path", ["", "about", "//evil", "/nothing", "/../about", "/about/page/2", "/\x00", "/" + "a" * 600]
)
def test_an_address_without_a_page_is_a_problem(client: Client, path: str) -> None:
    ContentPageFactory(slug="about", published=True)
    response = client.get("/api/v1/pages", {"path": path})
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json; charset=utf-8")


def test_a_missing_path_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/pages")
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "path"


def test_pages_of_another_site_are_not_mixed_in(client: Client) -> None:
    home = site_home()
    root = ContentPageFactory(slug="other-root", published=True)
    Site.objects.create(hostname="other.example", root_page=root)
    ContentPageFactory(parent=root, slug="deep", published=True)
    assert client.get("/api/v1/pages?path=/deep").status_code == 404
    assert home.get_site().is_default_site


def test_site_has_settings_navigation_and_rate(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    about = ContentPageFactory(slug="about", published=True)
    draft = ContentPageFactory(slug="draft")
    ExchangeRate.objects.create(currency="USD", date=date(2026, 11, 20), rate="2.9456")
    items = [("О нас", {"page": about, "path": ""}), ("Черновик", {"page": draft, "path": ""})]
    items.append(("Каталог", {"page": None, "path": "/catalog"}))
    SiteSettings.objects.create(
        site=Site.objects.get(is_default_site=True),
        name="Автофэмили",
        phone="+375290000000",
        navigation=[("item", {"title": title, "link": link}) for title, link in items],
        socials=[("social", {"kind": "telegram", "url": "https://t.me/avtofamily"})],
    )
    with django_assert_num_queries(3):
        answer = client.get("/api/v1/site").json()
    assert answer == {
        "name": "Автофэмили",
        "tagline": "",
        "phone": "+375290000000",
        "email": "",
        "address": "",
        "hours": "",
        "socials": [{"kind": "telegram", "url": "https://t.me/avtofamily"}],
        "navigation": [{"title": "О нас", "path": "/about"}, {"title": "Каталог", "path": "/catalog"}],
        "footer_text": "",
        "usd_rate": {"rate": 2.9456, "date": "2026-11-20"},
    }
    schemas.Site.model_validate(answer)


def test_site_answers_before_anything_is_set_up(client: Client) -> None:
    assert client.get("/api/v1/site").json()["name"] == "Avtofamily"


def test_redirects_lead_to_public_pages_and_hide_none(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    about = ContentPageFactory(slug="about", published=True)
    draft = ContentPageFactory(slug="draft")
    Redirect.add_redirect("/old", redirect_to=about)
    Redirect.add_redirect("/to-draft", redirect_to=draft)
    Redirect.add_redirect("/about", redirect_to="https://example.com/")
    Redirect.add_redirect("/ext", redirect_to="https://example.com/", is_permanent=False)
    with django_assert_num_queries(3):
        answer = client.get("/api/v1/redirects").json()
    assert answer["items"] == [
        {"from": "/ext", "to": "https://example.com/", "permanent": False},
        {"from": "/old", "to": "/about", "permanent": True},
    ]
