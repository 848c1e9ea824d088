"""Drafts on the site: shown to whoever has the token, for an hour, and to nobody else."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.signing import TimestampSigner
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.pages.schemas import Page
from cms.preview.models import MAX_AGE, SIGNER, PreviewDraft
from listings.models import Listing, ListingPhoto, PublishedListing
from listings.schemas import Detail
from tests.factories import EquipmentFactory, ListingFactory, PaymentTypeFactory, image
from tests.factories_pages import ContentPageFactory, PostFactory, site_home

pytestmark = pytest.mark.django_db


def token_in(response: HttpResponse) -> str:
    """The token in the address of the site that the panel's frame opens."""
    assert response.status_code == 200
    found = re.search(r'<iframe src="([^"]+)"', response.content.decode())
    assert found, response.content.decode()
    address = urlsplit(found[1].replace("&amp;", "&"))
    assert address.path == "/preview"
    return parse_qs(address.query)["token"][0]


def token_of(draft: Any) -> str:
    return token_in(draft.make_preview_request())


def read(client: Client, token: str) -> dict[str, Any]:
    response = client.get("/api/v1/preview", {"token": token})
    assert response.status_code == 200
    return response.json()


@pytest.fixture
def editor(client: Client) -> Client:
    user = get_user_model().objects.create_superuser("editor", "editor@example.com", "password")
    client.force_login(user)
    return client


@pytest.mark.smoke
def test_a_draft_of_a_page_is_shown_as_it_would_be_published(client: Client) -> None:
    page = ContentPageFactory(slug="about", title="О нас", published=True)
    page.title = "Черновик"
    page.body = [("rich_text", "<p>Новое</p>"), ("cars", {"title": "Новые", "text": "", "limit": 2})]
    listing = ListingFactory(published=True)
    draft = read(client, token_of(page))
    assert (draft["kind"], draft["document"]["title"], draft["document"]["path"]) == ("page", "Черновик", "/about")
    assert draft["document"]["body"][1]["value"]["cards"][0]["uuid"] == str(listing.uuid)
    page.save_revision().publish()
    published = client.get("/api/v1/pages?path=/about").json()
    ids = [block.pop("id") for block in draft["document"]["body"] + published["body"]]
    assert draft["document"] == published
    assert len(ids) == 4


def test_a_draft_post_has_what_to_read_next(client: Client) -> None:
    PostFactory(slug="older", published=True)
    document = read(client, token_of(PostFactory(slug="draft")))["document"]
    Page.model_validate(document)
    assert [card["path"] for card in document["more"]] == ["/blog/older"]


@pytest.mark.usefixtures("folders")
def test_an_unsaved_listing_is_shown_with_photos_equipment_and_payments(client: Client) -> None:
    draft: Listing = ListingFactory.build(dealer=None, make=None, model=None, city=None)
    saved = ListingFactory()
    draft.dealer, draft.make, draft.model, draft.city = saved.dealer, saved.make, saved.model, saved.city
    draft.photos = [ListingPhoto(image=image("red"), sort_order=0), ListingPhoto(image=image("blue"), sort_order=1)]
    draft.equipment = [EquipmentFactory(code="abs")]
    draft.payment_types = [PaymentTypeFactory(code="cash")]
    answer = read(client, token_of(draft))
    assert answer["kind"] == "listing"
    Detail.model_validate(answer["document"])
    assert [photo["alt"] for photo in answer["document"]["photos"]] == ["BMW X5, 2018", "BMW X5, 2018"]
    assert answer["document"]["equipment"] == [{"group": "safety", "items": ["abs"]}]
    assert answer["document"]["payment_types"] == ["cash"]
    assert Listing.objects.count() == 1


def test_a_draft_of_a_live_listing_changes_nothing_outside(client: Client) -> None:
    listing = ListingFactory(published=True, price=90_000)
    listing.price = 77_777
    assert read(client, token_of(listing))["document"]["price"]["byn"] == 77_777
    doors = [f"listings/{listing.slug}", "listings", "reference", "routes", "redirects", "site"]
    assert not any("77777" in client.get(f"/api/v1/{door}").getvalue().decode() for door in doors)
    assert PublishedListing.objects.get(listing=listing).price_byn == 90_000


def test_a_listing_that_lacks_the_main_things_says_what_to_fill_in() -> None:
    response = Listing().make_preview_request()
    assert response.status_code == 200
    text = response.content.decode()
    assert "<iframe" not in text
    assert escape(str(Listing._meta.get_field("make").verbose_name).capitalize()) in text
    assert PreviewDraft.objects.count() == 0


@pytest.mark.usefixtures("folders")
def test_reading_a_draft_is_one_query_and_makes_no_picture(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    listing = ListingFactory(photos=2)
    token = token_of(listing)
    photo = listing.photos.first().image
    photo.renditions.all().delete()
    with django_assert_num_queries(1):
        read(client, token)
    assert photo.renditions.count() == 0


def test_a_draft_is_never_stored_by_others(client: Client) -> None:
    response = client.get("/api/v1/preview", {"token": token_of(ContentPageFactory())})
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.has_header("ETag")


def test_a_token_expires_after_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(ContentPageFactory())
    later = timezone.now().timestamp() + MAX_AGE.total_seconds() + 1
    read(client, token)
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get("/api/v1/preview", {"token": token}).status_code == 404


def test_expired_drafts_are_deleted_by_the_next_preview() -> None:
    page = ContentPageFactory()
    token_of(page)
    PreviewDraft.objects.update(created_at=timezone.now() - MAX_AGE - timedelta(seconds=1))
    old = PreviewDraft.objects.get().pk
    token_of(page)
    assert PreviewDraft.objects.count() == 1
    assert not PreviewDraft.objects.filter(pk=old).exists()


def test_every_preview_has_a_token_of_its_own() -> None:
    page = ContentPageFactory()
    assert token_of(page) != token_of(page)


@pytest.mark.parametrize("token", ["", "x", "id=5:1abc:xyz", "a" * 5000, "\x00", "тест", "pages.contentpage:zz:1:2"])
def test_a_forged_token_opens_nothing(client: Client, token: str) -> None:
    token_of(ContentPageFactory())
    response = client.get("/api/v1/preview", {"token": token})
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")


def test_a_token_opens_only_what_it_names(client: Client) -> None:
    token_of(ContentPageFactory())
    key = PreviewDraft.objects.get().key.hex
    forged = [
        SIGNER.sign(f"listings.listing:{key}"),
        SIGNER.sign("pages.contentpage:not-a-uuid"),
        SIGNER.sign(key),
        TimestampSigner(salt="headlesspreview.token").sign(f"pages.contentpage:{key}"),
    ]
    assert [client.get("/api/v1/preview", {"token": token}).status_code for token in forged] == [404] * 4


def page_form(title: str) -> dict[str, Any]:
    text = ("rich_text", rich_text("<p>Из панели</p>"))
    return nested_form_data({"title": title, "slug": "about", "body": streamfield([text]), "seo_title": "",
                             "search_description": "", "seo_image": "", "comments": {}})  # fmt: skip


def test_the_panel_shows_what_the_editor_types(editor: Client) -> None:
    page = ContentPageFactory(slug="about", published=True)
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    data = page_form("Пишу сейчас") | {
        f"comments-{name}": value for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()
    }
    assert editor.post(url, data).json() == {"is_valid": True, "is_available": True}
    response = editor.get(url, {"in_preview_panel": "true"})
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "in_preview_panel=true" in response.content.decode()
    document = read(Client(), token_in(response))["document"]
    assert (document["title"], document["body"][0]["value"]["html"]) == ("Пишу сейчас", "<p>Из панели</p>")


def test_the_panel_of_a_page_that_is_being_added(editor: Client) -> None:
    url = reverse("wagtailadmin_pages:preview_on_add", args=["pages", "contentpage", site_home().pk])
    data = page_form("Ещё не сохранена") | {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    assert editor.post(url, data).json()["is_valid"] is True
    document = read(Client(), token_in(editor.get(url)))["document"]
    assert (document["title"], document["path"]) == ("Ещё не сохранена", "/about")


def test_view_live_leads_to_the_site(client: Client, settings: Settings) -> None:
    ContentPageFactory(slug="about", published=True)
    response = client.get("/about/", headers={"host": "site.example"})
    assert response.status_code == 302
    assert response["Location"].startswith(f"{settings.SITE_URL}/about")
