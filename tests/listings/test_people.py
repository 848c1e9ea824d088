"""A dealer's people: let in by e-mail, shown out at once; what two agents of one dealer see."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from cms.users.models import User
from leads.models import Lead
from listings.models import Dealer, DealerMember, Listing
from listings.vocabulary import MemberRole
from tests.factories import DealerFactory, ListingFactory, UserFactory, image, member, staff
from tests.leads.test_admin import lead

pytestmark = pytest.mark.django_db

NEW = {"email": "nina@example.com", "first_name": "Нина", "last_name": "Гурская", "role": MemberRole.AGENT.value}


@pytest.fixture
def dealer() -> Dealer:
    return DealerFactory()


@pytest.fixture
def manager(client: Client, dealer: Dealer) -> Client:
    client.force_login(member(dealer, username="manager"))
    return client


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(client: Client, dealer: Dealer, **changes: str) -> Any:
    return client.post(reverse("listing_dealer_members", args=[dealer.pk]), NEW | changes)


def remove(client: Client, row: DealerMember) -> Any:
    return client.post(reverse("listing_dealer_member_remove", args=[row.dealer_id, row.pk]))


def cars(client: Client) -> set[int]:
    response = client.get(reverse("wagtailsnippets_listings_listing:list"))
    return {row.pk for row in response.context["object_list"]}


def test_somebody_new_gets_a_letter_chooses_a_password_and_sees_his_cars(manager: Client, dealer: Dealer) -> None:
    assert add(manager, dealer).status_code == 302

    user = User.objects.get(email="nina@example.com")
    assert DealerMember.objects.get(user=user).role == MemberRole.AGENT
    assert not user.has_usable_password()
    [letter] = mail.outbox
    assert letter.to == ["nina@example.com"]
    link = re.search(r"https?://[^/]+(/admin/password_reset/\S+)", letter.body)
    assert link
    visitor = Client()
    form = visitor.get(link[1], follow=True)
    password = {"new_password1": "Vesna-2027-rano", "new_password2": "Vesna-2027-rano"}
    visitor.post(form.request["PATH_INFO"], password)
    assert visitor.login(username="nina@example.com", password="Vesna-2027-rano")
    mine = ListingFactory(dealer=dealer, agent=user)
    ListingFactory(dealer=dealer)
    assert cars(visitor) == {mine.pk}


def test_somebody_known_by_his_exact_e_mail_is_let_in_without_a_letter(manager: Client, dealer: Dealer) -> None:
    user = UserFactory(username="free", email="Free@example.com")

    assert add(manager, dealer, email="free@EXAMPLE.com").status_code == 302

    assert user.dealer_members.get().dealer == dealer
    assert mail.outbox == []


@pytest.mark.parametrize("belongs", ["another dealer", "staff", "superuser", "switched off"])
def test_a_manager_cannot_take_in_who_belongs_elsewhere_but_a_moderator_can(
    manager: Client, dealer: Dealer, belongs: str
) -> None:
    values = {"username": "other", "email": "other@example.com"}
    user = {
        "another dealer": lambda: member(DealerFactory(slug="b"), **values),
        "staff": lambda: staff("editor", **values),
        "superuser": lambda: UserFactory(is_superuser=True, **values),
        "switched off": lambda: UserFactory(is_active=False, **values),
    }[belongs]()

    assert add(manager, dealer, email="other@example.com").status_code == 200
    assert not dealer.members.filter(user=user).exists()
    if user.is_active:
        assert add(logged_in(staff("moderator")), dealer, email="other@example.com").status_code == 302
        assert dealer.members.filter(user=user).exists()


def test_a_manager_gives_no_more_than_he_has(manager: Client, dealer: Dealer) -> None:
    for role in ("administrator", "integration", "moderator"):
        assert add(manager, dealer, role=role).status_code == 200
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_who_is_removed_is_refused_with_the_very_next_request(manager: Client, dealer: Dealer) -> None:
    user = member(dealer, username="second", email="second@example.com")
    listing, photo = ListingFactory(dealer=dealer), image()
    photo.collection = dealer.collection
    photo.save()
    his = logged_in(user)
    pages = [
        reverse("wagtailsnippets_listings_listing:edit", args=[listing.pk]),
        reverse("listing_imports"),
        reverse("wagtailimages:edit", args=[photo.pk]),
        reverse("wagtailadmin_home"),
    ]
    assert [his.get(page).status_code for page in pages] == [200] * 4

    remove(manager, dealer.members.get(user=user))

    assert {his.get(page).status_code for page in pages} <= {302, 404}
    assert not user.groups.exists()


def test_removed_from_one_dealer_he_keeps_the_other(dealer: Dealer) -> None:
    user, second = member(dealer, username="both"), DealerFactory(slug="b")
    DealerMember.objects.create(dealer=second, user=user, role=MemberRole.MANAGER)
    gone, stays = ListingFactory(dealer=dealer), ListingFactory(dealer=second)
    his = logged_in(user)
    assert cars(his) == {gone.pk, stays.pk}

    remove(logged_in(staff("moderator")), dealer.members.get(user=user))

    assert cars(his) == {stays.pk}


def test_nobody_removes_himself_and_nobody_touches_another_dealers_people(manager: Client, dealer: Dealer) -> None:
    foreign = member(DealerFactory(slug="b"), username="foreign")
    row = foreign.dealer_members.get()

    remove(manager, dealer.members.get(user__username="manager"))
    assert remove(manager, row).status_code == 404
    # His own dealer's address with another dealer's member.
    assert manager.post(reverse("listing_dealer_member_remove", args=[dealer.pk, row.pk])).status_code == 404
    assert add(manager, row.dealer).status_code == 404

    assert dealer.members.filter(user__username="manager").exists()
    assert DealerMember.objects.filter(pk=row.pk).exists()


def test_an_agent_keeps_no_people(dealer: Dealer) -> None:
    agent = logged_in(member(dealer, MemberRole.AGENT, username="agent"))

    assert add(agent, dealer).status_code == 302
    assert dealer.members.count() == 1


def test_two_agents_of_one_dealer_see_their_own_cars_and_enquiries_and_the_manager_all(dealer: Dealer) -> None:
    first, second = (member(dealer, MemberRole.AGENT, username=name) for name in ("first", "second"))
    manager = member(dealer, username="head")
    owners = {first: _sold_by(dealer, first), second: _sold_by(dealer, second), None: _sold_by(dealer, None)}
    ListingFactory(dealer=DealerFactory(slug="b"))

    for agent in (first, second):
        client = logged_in(agent)
        assert cars(client) == {owners[agent].pk}
        assert enquiries(client) == {f"О машине {owners[agent].pk}"}
        other = second if agent is first else first
        assert client.get(_edit(owners[agent])).status_code == 200
        assert client.get(_edit(owners[other])).status_code == 404
        foreign = Lead.objects.get(name=f"О машине {owners[other].pk}")
        assert client.get(reverse("lead:edit", args=[foreign.pk])).status_code == 404
    assert cars(logged_in(manager)) == {listing.pk for listing in owners.values()}
    assert len(enquiries(logged_in(manager))) == 3


def test_a_dealers_people_choose_from_their_own_photos_only(dealer: Dealer) -> None:
    other = DealerFactory(slug="b")
    mine, foreign = image("red"), image("blue")
    for photo, owner in ((mine, dealer), (foreign, other)):
        photo.collection = owner.collection
        photo.save()
    for role in (MemberRole.MANAGER, MemberRole.AGENT):
        client = logged_in(member(dealer, role, username=f"photos-{role}"))
        for address in ("wagtailimages:index", "wagtailimages_chooser:choose", "wagtailimages_chooser:choose_results"):
            shown = client.get(reverse(address)).content.decode()
            assert foreign.get_rendition("max-165x165").url not in shown
            assert f"/{foreign.pk}/" not in shown
        chooser = client.get(reverse("wagtailimages_chooser:choose")).content.decode()
        assert f"/{mine.pk}/" in chooser
        assert other.name not in chooser


def enquiries(client: Client) -> set[str]:
    return {row.name for row in client.get(reverse("lead:index")).context["object_list"]}


def _sold_by(dealer: Dealer, agent: User | None) -> Listing:
    listing: Listing = ListingFactory(dealer=dealer, agent=agent, published=True)
    lead(name=f"О машине {listing.pk}", dealer=dealer, listing=listing.document)
    return listing


def _edit(listing: Listing) -> str:
    return reverse("wagtailsnippets_listings_listing:edit", args=[listing.pk])
