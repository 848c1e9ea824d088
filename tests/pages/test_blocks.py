"""Each block has exactly the documented JSON."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cms.pages.links import validate_link
from cms.pages.models import PublishedPage
from cms.pages.schemas import Page
from listings.lifecycle import set_sale_state, single, unpublish_listing
from listings.vocabulary import SaleState
from tests.factories import ListingFactory, MakeFactory, image
from tests.factories_pages import ContentPageFactory, PostFactory, site_home

pytestmark = pytest.mark.django_db


def published_blocks(client: Client, body: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """The blocks' values as readers of the front page get them; the answer has the documented shape."""
    home = site_home()
    home.body = body
    home.save_revision().publish()
    answer = client.get("/api/v1/pages?path=/").json()
    Page.model_validate(answer)
    assert [block["type"] for block in answer["body"]] == [name for name, _ in body]
    return [block["value"] for block in answer["body"]]


def test_static_blocks(client: Client) -> None:
    about = ContentPageFactory(slug="about", published=True)
    link = {"page": about, "path": ""}
    faq = {"title": "Вопросы", "items": [{"question": "Есть лизинг?", "answer": "<p>Да</p>"}]}
    call = {"title": "Звоните", "text": "", "button_text": "Позвонить", "button": {"page": None, "path": "/contacts"}}
    values = published_blocks(
        client,
        [
            ("hero", {"title": "Привет", "text": "Мы", "image": None, "cta_text": "О нас", "cta": link}),
            ("advantages", {"title": "", "items": [{"icon": "shield", "title": "Честно", "text": "Да"}]}),
            ("figures", {"items": [{"value": "1 200+", "label": "машин"}]}),
            ("rich_text", "<p><b>Текст</b></p>"),
            ("faq", faq),
            ("call_to_action", call),
        ],
    )
    assert values == [
        {"title": "Привет", "text": "Мы", "image": None, "cta_text": "О нас", "cta_path": "/about"},
        {"title": "", "items": [{"icon": "shield", "title": "Честно", "text": "Да"}]},
        {"items": [{"value": "1 200+", "label": "машин"}]},
        {"html": "<p><b>Текст</b></p>"},
        {"title": "Вопросы", "items": [{"question": "Есть лизинг?", "answer_html": "<p>Да</p>"}]},
        {"title": "Звоните", "text": "", "button_text": "Позвонить", "button_path": "/contacts"},
    ]


def test_a_link_to_a_draft_has_no_address(client: Client) -> None:
    link = {"page": ContentPageFactory(slug="draft"), "path": ""}
    (hero,) = published_blocks(
        client, [("hero", {"title": "Т", "text": "", "image": None, "cta_text": "Да", "cta": link})]
    )
    assert hero["cta_path"] == ""


@pytest.mark.usefixtures("folders")
def test_pictures_are_made_on_publishing_and_never_on_reading(client: Client) -> None:
    picture = image()
    (block,) = published_blocks(client, [("image", {"image": picture, "caption": "Вид салона"})])
    photo = block["photo"]
    assert (photo["id"], photo["alt"], block["caption"]) == (picture.pk, "Вид салона", "Вид салона")
    assert {kind: [source["width"] for source in sources] for kind, sources in photo["sources"].items()} == {
        "webp": [960],
        "jpeg": [960],
    }
    assert client.get("/api/v1/pages?path=/").json()["seo"]["image"]["id"] == picture.pk
    made = picture.renditions.count()
    client.get("/api/v1/pages?path=/")
    assert picture.renditions.count() == made


@pytest.mark.usefixtures("folders")
def test_a_page_shows_new_sizes_when_they_are_ready(client: Client) -> None:
    from cms.images.tasks import make_image_renditions

    picture = image()
    published_blocks(client, [("image", {"image": picture, "caption": ""})])
    make_image_renditions(picture.pk)
    photo = client.get("/api/v1/pages?path=/").json()["body"][0]["value"]["photo"]
    assert [source["width"] for source in photo["sources"]["avif"]] == [480, 960]


def test_cars_are_the_newest_for_sale_that_fit(client: Client) -> None:
    audi = MakeFactory(slug="audi", name="Audi")
    old, new, sold, withdrawn = (ListingFactory(make=audi, published=True) for _ in range(4))
    ListingFactory(published=True)
    ListingFactory(make=audi)
    single(set_sale_state([sold], SaleState.SOLD))
    unpublish_listing(withdrawn)
    (cars,) = published_blocks(client, [("cars", {"title": "Audi", "text": "", "make": "audi", "limit": 8})])
    assert [card["uuid"] for card in cars["cards"]] == [str(new.uuid), str(old.uuid)]
    assert (cars["title"], cars["text"], cars["link_path"]) == ("Audi", "", "/catalog?make=audi")
    assert "rule" not in cars


def test_cars_follow_the_catalogue_without_publishing_the_page(client: Client) -> None:
    published_blocks(client, [("cars", {"title": "Новые", "text": "", "limit": 2})])
    listing = ListingFactory(published=True)
    cards = client.get("/api/v1/pages?path=/").json()["body"][0]["value"]["cards"]
    assert [card["uuid"] for card in cards] == [str(listing.uuid)]
    unpublish_listing(listing)
    assert client.get("/api/v1/pages?path=/").json()["body"][0]["value"]["cards"] == []


def test_makes_are_counted_without_sold_cars(client: Client) -> None:
    for make in ("audi", "bmw", "bmw"):
        ListingFactory(make=MakeFactory(slug=make), published=True)
    single(set_sale_state([ListingFactory(make=MakeFactory(slug="lada"), published=True)], SaleState.SOLD))
    (makes,) = published_blocks(client, [("makes", {"title": "Марки"})])
    assert makes == {
        "title": "Марки",
        "items": [{"slug": "bmw", "name": "BMW", "count": 2}, {"slug": "audi", "name": "AUDI", "count": 1}],
    }


def test_posts_are_the_newest(client: Client) -> None:
    PostFactory(slug="first", title="Первая", published=True)
    PostFactory(slug="second", title="Вторая", published=True)
    PostFactory(slug="draft")
    (posts,) = published_blocks(client, [("posts", {"title": "Блог", "category": "", "limit": 3})])
    assert [card["path"] for card in posts["cards"]] == ["/blog/second", "/blog/first"]


def test_the_front_page_takes_a_constant_number_of_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        ListingFactory(published=True)
        PostFactory(published=True)
    body = [
        ("makes", {"title": "Марки"}),
        ("cars", {"title": "Новые", "text": "", "limit": 8}),
        ("posts", {"title": "Блог", "category": "", "limit": 3}),
    ]
    published_blocks(client, body)
    # The page; the catalogue's version for makes and for cars; names of makes; cards of cars; cards of posts.
    with django_assert_num_queries(6):
        client.get("/api/v1/pages?path=/")


def test_a_rule_that_no_longer_fits_leaves_the_page_up(client: Client) -> None:
    published_blocks(client, [("cars", {"title": "Новые", "text": "", "limit": 2})])
    row = PublishedPage.objects.get(path="/")
    document = row.data
    document["body"][0]["value"]["rule"]["fuel"] = "steam"
    PublishedPage.objects.filter(pk=row.pk).update(document=json.dumps(document))
    assert client.get("/api/v1/pages?path=/").json()["body"][0]["value"]["cards"] == []


@pytest.mark.parametrize("value", ["/catalog", "/catalog?make=bmw#top", "/о-нас", "https://example.com/a"])
def test_an_address_of_a_button_may_be(value: str) -> None:
    validate_link(value)


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "//evil.example", "/\\evil.example", "catalog", "http://a.example", "/a b", "https://"],
)
def test_an_address_of_a_button_may_not_be(value: str) -> None:
    with pytest.raises(ValidationError):
        validate_link(value)
