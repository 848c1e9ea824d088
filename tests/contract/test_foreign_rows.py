"""Nobody reaches another dealer's rows, or another agent's, by any address of the admin and the API.

The addresses are read from the URL resolver: a new view is walked by itself, and one with a parameter that
`addresses.py` does not know fails the test until it is told whose ids belong there.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from cms.users.models import User
from listings.dealer_api import tokens
from listings.lifecycle import SALE
from listings.vocabulary import MemberRole, Scope
from tests.factories import DealerFactory, ExchangeRateFactory, ListingFactory, member, staff

from .addresses import Address, UnknownParameterError, addresses, filled
from .secrets_of_a import MARKS, WORD, SecretsOfA, make, mark

pytestmark = pytest.mark.django_db

ENDS = {"wagtailadmin_logout"}
"""Addresses that end the walk itself."""
BREAK = ("/admin/failwhale/", "/chosen-multiple/", "/admin/choose-external-link/", "/create/")
"""Ends of addresses that Wagtail answers with an error to anybody who sends them nonsense."""
PUBLIC = frozenset[str]()
SHARED_AT_A_DEALER = frozenset({"photo"})
"""The people of one dealer choose from the same photos."""


@pytest.fixture
def secrets(import_files: None) -> SecretsOfA:
    ExchangeRateFactory()
    return make()


def values(secrets: SecretsOfA) -> dict[str, tuple[Any, ...]]:
    """By the parameter's name, wherever it stands."""
    things = secrets.things
    key = {name: (thing.pk,) for name, thing in things.items() if hasattr(thing, "pk")}
    page = key["page"]
    return {
        "page_id": page, "parent_page_id": page, "page_to_move_id": page, "destination_id": page, "page_pk": page,
        "revision_id": key["revision"], "revision_id_a": key["revision"], "revision_id_b": ("live", "latest"),
        "task_state_id": key["task_state"], "workflow_state_id": key["workflow_state"],
        "task_id": (things["task_state"].task_id,), "workflow_pk": key["workflow"],
        "image_id": key["image"], "filter_spec": ("original",), "uploaded_file_id": (1,),
        "document_id": key["document"], "doc_id": key["document"], "collection_id": key["collection"],
        "member": key["member"], "redirect_id": (1,), "session_id": (1,), "object_id": key["listing"],
        "number": (things["row"].number,), "field": ("model",), "fmt": ("csv",),
        "key": (things["listing"].uuid, things["listing"].pk), "uuid": (things["import"].uuid,),
        "action": (
            "delete", "submit", "approve", "return", "publish", "unpublish", "archive", "restore", "price", "city",
            "add_tags", "add_to_collection",
        ),
        "action_name": ("approve", "reject", "copy"),
        "verb": (
            "run", "cancel", "resume", "confirm", "retry", "decide", "sheet", "proceed", "missing", "by-hand", "anew",
            "withdraw", "removed", "now", "stop", "start", "check", "send", "vouch", "finish", "switch-on", "let-loose",
            "move", "drop",
        ),
        "adapter": ("telegram",),
        "state": tuple(state.value for state in SALE),
        "uidb64": ("MQ",), "token": ("x",),
    }  # fmt: skip


class Walk:
    """One person, or one program, who tries everything with dealer A's ids."""

    def __init__(self, secrets: SecretsOfA, user: User | None = None, token: str = "") -> None:
        self.secrets = secrets
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        things = secrets.things
        self.ids = [thing.pk for name, thing in things.items() if name in ("listing", "image", "lead", "document")]
        self.query = {
            "id": self.ids, "ids": ",".join(map(str, self.ids)), "dealer": things["dealer"].pk,
            "listing": things["listing"].pk, "collection_id": things["collection"].pk, "user": things["user"].pk,
            "job": things["import"].pk, "loaded": things["import"].pk, "feed": things["feed"].pk,
        }  # fmt: skip

    def urls(self, *prefixes: str) -> Iterator[tuple[str, bool]]:
        """And whether it names something."""
        seen = set()
        for address in addresses():
            if address.name in ENDS or not address.path.startswith(prefixes):
                continue
            for url in filled(address, self.secrets.things, values(self.secrets)):
                if url not in seen:
                    seen.add(url)
                    yield url, bool(address.parameters)

    def gets(self, *prefixes: str) -> Iterator[tuple[str, str]]:
        for url, names_something in self.urls(*prefixes):
            for query in ({}, self.query) if names_something else ({}, self.query, {"q": WORD}):
                yield f"GET {url} {list(query)}", self._read(self.client.get(url, query, headers=self.headers))

    def posts(self, *prefixes: str) -> Iterator[tuple[str, str]]:
        things = self.secrets.things
        form = self.query | {"action-delete": "1", "comment": "x", "confirmed": "1", "price": 1, "title": "changed"}
        car = {"id": things["listing"].pk, "price": 1, "sale_state": "sold", "state": "sold", "action": "archive"}
        body = json.dumps({"items": [car], "action": "archive", "comment": "x", "photos": [], "proceed": True, **car})
        for url, _ in self.urls(*prefixes):
            query = "?" + "&".join(f"id={key}" for key in self.ids)
            if url.startswith("/api/"):
                for method in ("post", "put", "patch", "delete"):
                    send = getattr(self.client, method)
                    answer = send(url, body, content_type="application/json", headers=self.headers)
                    yield f"{method.upper()} {url}", self._read(answer)
            else:
                yield f"POST {url}", self._read(self.client.post(url + query, form))

    def _read(self, response: Any) -> str:
        # An error hides what the page would show to somebody luckier.
        assert response.status_code < 500 or response.request["PATH_INFO"].endswith(BREAK), response.request[
            "PATH_INFO"
        ]
        content = b"".join(response.streaming_content) if response.streaming else response.content
        headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
        # Answers in JSON write other letters as codes; the marks are plain.
        return f"{headers} {content.decode('utf-8', 'replace')}"

    def is_still_logged_in(self) -> bool:
        return self.client.get("/admin/").status_code == 200


def seen(text: str) -> set[str]:
    return {name for name in MARKS if mark(name) in text}


def leaks(walk: Walk, secrets: SecretsOfA, *prefixes: str, allowed: frozenset[str] = PUBLIC) -> list[str]:
    found = [
        f"{what} shows {sorted(seen(text) - allowed)}" for what, text in walk.gets(*prefixes) if seen(text) - allowed
    ]
    before = secrets.snapshot()
    for what, text in walk.posts(*prefixes):
        if seen(text) - allowed:
            found.append(f"{what} shows {sorted(seen(text) - allowed)}")
        after = secrets.snapshot()
        changed = [name for name in before if before[name] != after[name]]
        if changed:
            found.append(f"{what} changes {changed}")
            before = after
    return found


def test_a_manager_of_another_dealer_reaches_nothing(secrets: SecretsOfA) -> None:
    other = DealerFactory(slug="dealer-b")
    ListingFactory(dealer=other, published=True)
    walk = Walk(secrets, member(other, username="manager-b"))

    assert leaks(walk, secrets, "admin/") == []
    assert walk.is_still_logged_in()


def test_another_agent_of_the_same_dealer_reaches_nothing(secrets: SecretsOfA) -> None:
    walk = Walk(secrets, member(secrets.dealer, MemberRole.AGENT, username="agent-2"))

    assert leaks(walk, secrets, "admin/", allowed=SHARED_AT_A_DEALER) == []
    assert walk.is_still_logged_in()


def test_a_program_of_another_dealer_and_the_public_reach_nothing(secrets: SecretsOfA) -> None:
    other = DealerFactory(slug="dealer-b")
    made = tokens.issue("B", other, list(Scope), staff("administrator"))

    assert leaks(Walk(secrets, token=made.secret), secrets, "api/") == []
    assert leaks(Walk(secrets), secrets, "api/") == []


def test_the_dealers_own_manager_sees_all_of_it_so_that_the_walk_would_notice(secrets: SecretsOfA) -> None:
    walk = Walk(secrets, secrets.manager)

    found: set[str] = set()
    cars = ("admin/snippets/listings/", "admin/listings/", "admin/lead", "admin/images", "admin/publ")
    for _, text in walk.gets(*cars, "admin/campaigns/", "admin/channels/launch/"):
        found |= seen(text)

    assert found >= set(MARKS) - {"document", "change", "comment"}


def test_a_parameter_that_nobody_has_thought_of_fails(secrets: SecretsOfA) -> None:
    for path, name in (("admin/new/<int:secret_id>/", "new"), ("admin/new/<int:pk>/", "new")):
        with pytest.raises(UnknownParameterError, match=r"addresses\.py"):
            list(filled(Address(path, (), name), secrets.things, values(secrets)))
