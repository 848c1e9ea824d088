"""Publishing a page writes its document; nothing else of a page is ever seen outside."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from wagtail.models import PageViewRestriction

from cms.pages.documents import publish_pages
from cms.pages.models import PublishedPage
from cms.pages.signals import PageChange, page_changed
from tests.factories_pages import ContentPageFactory, document_of, site_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def changes() -> Iterator[list[PageChange]]:
    heard: list[PageChange] = []

    def hear(changes: list[PageChange], **kwargs: Any) -> None:
        heard.extend(changes)

    page_changed.connect(hear)
    yield heard
    page_changed.disconnect(hear)


def status(client: Client, path: str) -> int:
    return client.get("/api/v1/pages", {"path": path}).status_code


@pytest.mark.smoke
def test_a_draft_has_no_document(client: Client) -> None:
    ContentPageFactory(slug="about")
    assert status(client, "/about") == 404
    assert not PublishedPage.objects.filter(path="/about").exists()


def test_a_newer_draft_changes_nothing_outside(client: Client) -> None:
    page = ContentPageFactory(slug="about", title="О нас", published=True)
    page.title = "Секретный черновик"
    page.save_revision()
    answers = [client.get(f"/api/v1/{door}").content.decode() for door in ("pages?path=/about", "site", "redirects")]
    assert client.get("/api/v1/pages?path=/about").json()["title"] == "О нас"
    assert not any("Секретный" in answer for answer in answers)


def test_an_unpublished_page_is_gone_and_empty(client: Client) -> None:
    page = ContentPageFactory(slug="about", published=True)
    page.unpublish()
    assert status(client, "/about") == 410
    assert document_of(page).document == "{}"


def test_a_deleted_page_is_gone(client: Client) -> None:
    page = ContentPageFactory(slug="about", published=True)
    page.delete()
    assert status(client, "/about") == 410
    assert PublishedPage.objects.get(path="/about").page_id is None


def test_deleting_a_page_withdraws_those_below_it(client: Client) -> None:
    parent = ContentPageFactory(slug="about", published=True)
    ContentPageFactory(parent=parent, slug="team", published=True)
    parent.delete()
    assert status(client, "/about/team") == 410


def test_a_new_page_may_take_the_address_of_a_withdrawn_one(client: Client) -> None:
    ContentPageFactory(slug="about", published=True).delete()
    ContentPageFactory(slug="about", title="Новая", published=True)
    assert client.get("/api/v1/pages?path=/about").json()["title"] == "Новая"


def test_a_private_page_and_those_below_it_leave_the_site_and_come_back(client: Client) -> None:
    parent = ContentPageFactory(slug="club", published=True)
    ContentPageFactory(parent=parent, slug="prices", published=True)
    restriction = PageViewRestriction.objects.create(page=parent, restriction_type="login")
    assert (status(client, "/club"), status(client, "/club/prices")) == (410, 410)
    restriction.delete()
    assert (status(client, "/club"), status(client, "/club/prices")) == (200, 200)


def test_change_and_document_are_one_transaction() -> None:
    page = ContentPageFactory(slug="about", title="До", published=True)
    page.title = "После"
    revision = page.save_revision()

    def fail(**kwargs: Any) -> None:
        raise RuntimeError

    page_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            revision.publish()
    finally:
        page_changed.disconnect(fail)
    page.refresh_from_db()
    assert (page.title, document_of(page).title) == ("До", "До")


def test_publishing_without_a_change_tells_nobody(changes: list[PageChange]) -> None:
    page = ContentPageFactory(published=True)
    version = document_of(page).version
    changes.clear()
    publish_pages([page.pk])
    assert changes == []
    assert document_of(page).version == version


@pytest.mark.django_db(transaction=True)
def test_a_changed_address_takes_the_pages_below_along_and_leaves_redirects(
    client: Client, changes: list[PageChange]
) -> None:
    parent = ContentPageFactory(slug="about", published=True)
    ContentPageFactory(parent=parent, slug="team", published=True)
    changes.clear()
    parent.slug = "company"
    parent.save_revision().publish()
    assert [(change.document.path, change.previous_path) for change in changes] == [
        ("/company", "/about"),
        ("/company/team", "/about/team"),
    ]
    assert status(client, "/about/team") == 404
    assert client.get("/api/v1/redirects").json()["items"] == [
        {"from": "/about", "to": "/company", "permanent": True},
        {"from": "/about/team", "to": "/company/team", "permanent": True},
    ]


@pytest.mark.django_db(transaction=True)
def test_a_moved_page_has_its_new_address(client: Client) -> None:
    target = ContentPageFactory(slug="services", published=True)
    page = ContentPageFactory(slug="leasing", published=True)
    page.move(target, pos="last-child")
    assert (status(client, "/leasing"), status(client, "/services/leasing")) == (404, 200)
    assert client.get("/api/v1/redirects").json()["items"][0]["to"] == "/services/leasing"


@pytest.mark.django_db(transaction=True)
def test_links_to_a_page_follow_its_new_address_and_die_with_it(client: Client) -> None:
    page = ContentPageFactory(slug="about", published=True)
    home = site_home()
    home.body = [("rich_text", f'<p><a linktype="page" id="{page.pk}">О нас</a></p>')]
    home.save_revision().publish()

    def html() -> str:
        return client.get("/api/v1/pages?path=/").json()["body"][0]["value"]["html"]

    assert html() == '<p><a href="/about">О нас</a></p>'
    page.slug = "company"
    page.save_revision().publish()
    assert html() == '<p><a href="/company">О нас</a></p>'
    page.unpublish()
    assert html() == "<p><a>О нас</a></p>"
