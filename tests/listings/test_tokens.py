"""Tokens of the API: who may make them, what they open, how they are refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from cms.users.models import User
from listings.dealer_api import auth, tokens
from listings.models import ApiToken, Dealer, DealerMember
from listings.vocabulary import MemberRole, Scope
from tests.factories import DealerFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db

OWN = "/api/v1/dealer/listings"


@pytest.fixture
def dealer() -> Dealer:
    return DealerFactory()


def issued(dealer: Dealer, *scopes: Scope, **options: Any) -> tokens.Issued:
    return tokens.issue("1C", dealer, scopes or (Scope.LISTINGS_READ,), staff("administrator"), **options)


def ask(secret: str, address: str = OWN) -> Any:
    return Client().get(address, headers={"authorization": f"Bearer {secret}", "accept-language": "en"})


def test_a_token_shows_its_dealers_cars_and_acts_as_a_member_of_his(dealer: Dealer) -> None:
    mine = ListingFactory(dealer=dealer)
    ListingFactory(dealer=DealerFactory(slug="other"))
    made = issued(dealer)

    answer = ask(made.secret)

    assert answer.status_code == 200
    assert [item["id"] for item in answer.json()["items"]] == [mine.pk]
    assert answer.headers["Cache-Control"] == "no-store"
    acting = made.token.user
    assert DealerMember.objects.get(user=acting).role == MemberRole.INTEGRATION
    assert not acting.has_usable_password()
    assert not acting.has_perm("wagtailadmin.access_admin")


def test_only_a_hash_of_the_secret_is_kept(dealer: Dealer) -> None:
    made = issued(dealer)

    stored = " ".join(str(value) for value in ApiToken.objects.values_list().get())
    assert made.secret not in stored
    assert made.secret.split("_", 2)[2] not in stored
    assert str(made.token) == f"1C (…{made.secret[-4:]})"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic abc", "Bearer avf_0000_x", "Bearer " + "x" * 5000]
)
def test_without_a_right_token_the_answer_is_a_401_problem(dealer: Dealer, header: str | None) -> None:
    answer = Client().get(OWN, headers={"authorization": header} if header is not None else {})

    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["detail"]


def test_a_known_key_with_another_secret_is_refused(dealer: Dealer) -> None:
    made = issued(dealer)
    changed = made.secret[:-1] + ("a" if made.secret[-1] != "a" else "b")

    assert ask(changed).status_code == 401


def test_a_missing_scope_is_a_403_that_names_it(dealer: Dealer) -> None:
    made = issued(dealer, Scope.PHOTOS_WRITE)

    answer = ask(made.secret)

    assert answer.status_code == 403
    assert "listings:read" in answer.json()["detail"]


def test_expired_revoked_and_memberless_tokens_are_refused_at_once(dealer: Dealer) -> None:
    expired = issued(dealer, expires_at=timezone.now() - timedelta(seconds=1))
    revoked, left, idle = issued(dealer), issued(dealer), issued(dealer)
    assert ask(revoked.secret).status_code == 200

    tokens.revoke(revoked.token, staff("administrator"))
    DealerMember.objects.filter(user=left.token.user).delete()
    User.objects.filter(pk=idle.token.user_id).update(is_active=False)

    assert [ask(made.secret).status_code for made in (expired, revoked, left, idle)] == [401] * 4


def test_the_last_use_is_written_once_a_minute(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    made = issued(dealer)
    ask(made.secret)
    first = ApiToken.objects.get().last_used_at
    ask(made.secret)
    assert ApiToken.objects.get().last_used_at == first

    monkeypatch.setattr(tokens, "USED_EVERY", timedelta(0))
    ask(made.secret)
    assert ApiToken.objects.get().last_used_at > first


def test_a_token_is_limited_by_itself(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "LIMITS", ((60, 2),))
    one, other = issued(dealer), issued(dealer)

    answers = [ask(one.secret) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert ask(other.secret).status_code == 200


def test_a_manager_makes_tokens_for_his_own_dealer_only(dealer: Dealer) -> None:
    manager, agent = member(dealer), member(dealer, MemberRole.AGENT)
    other = DealerFactory(slug="other")

    made = tokens.issue("DMS", dealer, [Scope.LISTINGS_WRITE], manager)

    assert made.token.dealer == dealer
    for user, target in ((manager, other), (agent, dealer), (staff("editor"), dealer)):
        with pytest.raises(PermissionDenied):
            tokens.issue("DMS", target, [Scope.LISTINGS_WRITE], user)
        with pytest.raises(PermissionDenied):
            tokens.revoke(issued(target).token, user)


def test_nobody_gives_a_right_that_he_does_not_have(dealer: Dealer) -> None:
    with pytest.raises(PermissionDenied):
        tokens.issue("DMS", dealer, [Scope.LISTINGS_MODERATE], member(dealer))
    with pytest.raises(ValidationError):
        tokens.issue("DMS", dealer, ["listings:everything"], staff("administrator"))
    with pytest.raises(ValidationError):
        tokens.issue("DMS", dealer, [], staff("administrator"))
    assert issued(dealer, Scope.LISTINGS_MODERATE).token.user.has_perm("listings.publish_listing")


def admin_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_manager_makes_a_token_in_the_admin_and_sees_its_secret_once(dealer: Dealer) -> None:
    client = admin_of(member(dealer))

    page = client.get("/admin/listings/tokens/add/").content.decode()
    shown = client.post(
        "/admin/listings/tokens/add/", {"name": "1С", "dealer": dealer.pk, "scopes": ["listings:read"], "until": ""}
    )

    assert "listings:moderate" not in page
    token = ApiToken.objects.get()
    secret = shown.content.decode().split(f'value="avf_{token.key}')[1].split('"')[0]
    assert ask(f"avf_{token.key}{secret}").status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]
    listed = client.get("/admin/listings/tokens/").content.decode()
    assert str(token) in listed
    assert secret not in listed


def test_a_manager_neither_sees_nor_revokes_anothers_token(dealer: Dealer) -> None:
    foreign = issued(DealerFactory(slug="other", name="Чужой")).token
    client = admin_of(member(dealer))

    assert "Чужой" not in client.get("/admin/listings/tokens/").content.decode()
    assert client.post(f"/admin/listings/tokens/{foreign.pk}/revoke/").status_code == 404
    wrong = client.post(
        "/admin/listings/tokens/add/", {"name": "1С", "dealer": foreign.dealer_id, "scopes": ["listings:read"]}
    )
    assert "avf_" not in wrong.content.decode()
    assert ApiToken.objects.valid().count() == 1


def test_revoking_in_the_admin_ends_the_token(dealer: Dealer) -> None:
    made = issued(dealer)

    client = admin_of(member(dealer))
    address = f"/admin/listings/tokens/{made.token.pk}/revoke/"
    assert str(made.token) in client.get(address).content.decode()
    assert ask(made.secret).status_code == 200
    answer = client.post(address)

    assert answer.status_code == 302
    assert ask(made.secret).status_code == 401


def test_an_agent_has_no_way_to_tokens(dealer: Dealer) -> None:
    client = admin_of(member(dealer, MemberRole.AGENT))

    assert client.get("/admin/listings/tokens/").status_code in (302, 403)
    assert "/admin/listings/tokens/" not in client.get("/admin/").content.decode()
