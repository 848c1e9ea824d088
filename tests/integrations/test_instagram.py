"""The Instagram adapter against the sandbox, without the engine."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.marketplaces.base import (
    Account,
    AdapterError,
    Ambiguous,
    AuthFailed,
    Farewell,
    Forged,
    IncomingCall,
    InvalidPayload,
    ManualActionRequired,
    NotYet,
    PhotoUnavailable,
    Placed,
    RateLimited,
    RetryLater,
)
from integrations.marketplaces.instagram_payload import InstagramPayload, InstagramSettings, harmless
from integrations.marketplaces.meta_api import MetaCredentials
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.sandbox.instagram import FACEBOOK_TOKEN, TOKEN, USER
from integrations.sandbox.server import Sandbox

from .meta_helpers import Meta, car, photo
from .photo_server import PhotoServer, serve_photos

Open = Callable[..., Account[Any, Any]]


@pytest.fixture(scope="module")
def photos() -> Iterator[PhotoServer]:
    with serve_photos() as server:
        yield server


@pytest.fixture
def meta(sandbox: Sandbox) -> Meta:
    return Meta(sandbox, "instagram")


@pytest.fixture
def adapter() -> Adapter:
    return get_adapter("instagram")


@pytest.fixture
def open_account(sandbox: Sandbox, photos: PhotoServer, meta: Meta) -> Open:
    def go(token: str = "", **changes: Any) -> Account[Any, Any]:
        token = token or (FACEBOOK_TOKEN if changes.get("login") == "facebook" else TOKEN)
        settings = {"ig_user_id": USER, "base_url": f"{sandbox.url}/instagram"} | changes
        return Account(
            settings=InstagramSettings.model_validate(settings),
            credentials=MetaCredentials(token=SecretStr(token)),
            site_url="https://avtofamily.example",
            read_photo=lambda url: b"",
            photo_address=photos.address,
            now=meta.now,
        )

    return go


@pytest.fixture
def publish(adapter: Adapter, open_account: Open, meta: Meta) -> Callable[..., Placed]:
    def go(count: int = 2, **settings: Any) -> Placed:
        account = open_account(**settings)
        payload = adapter.render(car(count), account)
        return meta.carry_through(lambda known: adapter.create(payload, known), account)

    return go


def shown(meta: Meta) -> list[dict[str, Any]]:
    return [item for item in meta.state["media"] if item["deleted"] is None]


# --- Rendering ------------------------------------------------------------------------------------
def test_a_caption_fits_whatever_the_dealer_wrote(adapter: Adapter, open_account: Open) -> None:
    text = "<p>" + "#bmw @salon " * 400 + "</p>"
    payload = adapter.render(car(1, text_html=text), open_account())

    assert payload.caption.count("#") == 30
    assert payload.caption.count("@") == 20
    assert len(payload.caption) <= 2200


def test_surplus_hashtags_stay_words_and_surplus_mentions_stay_readable() -> None:
    text = harmless("#a " * 31 + "x@y " * 21)

    assert text.startswith("#a " * 30 + "a ")
    assert text.endswith("x@y x\N{FULLWIDTH COMMERCIAL AT}y ")


def test_a_car_without_photos_is_not_for_instagram(adapter: Adapter, open_account: Open) -> None:
    with pytest.raises(InvalidPayload) as caught:
        adapter.render(car(0), open_account())

    assert "фотография" in str(caught.value)


def test_a_photo_that_is_too_small_after_cropping_is_named(adapter: Adapter, open_account: Open) -> None:
    small = car(photos=[photo(1), photo(2, 300, 300)])
    with pytest.raises(InvalidPayload) as caught:
        adapter.render(small, open_account())

    assert len(caught.value.problems) == 1
    assert "Фотография 2" in str(caught.value.problems[0])


def test_photos_of_a_carousel_get_the_shape_of_the_first(adapter: Adapter, open_account: Open) -> None:
    panorama = adapter.render(car(photos=[photo(1, 1600, 400), photo(2)]), open_account())
    single = adapter.render(car(photos=[photo(1, 800, 1600)]), open_account())

    assert panorama.shape().min_ratio == panorama.shape().max_ratio == pytest.approx(1.9)
    assert (single.shape().min_ratio, single.shape().max_ratio) == (0.8, 1.91)


def test_replacing_posts_needs_facebook_login() -> None:
    with pytest.raises(ValidationError) as caught:
        InstagramSettings(ig_user_id=USER, when_changed="replace")
    assert caught.value.errors()[0]["loc"] == ("when_changed",)
    InstagramSettings(ig_user_id=USER, login="facebook", when_changed="replace")


# --- Publishing -----------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 2, 10])
def test_a_car_becomes_one_post(publish: Callable[..., Placed], meta: Meta, count: int) -> None:
    placed = publish(count)

    [post] = shown(meta)
    assert len(post["photos"]) == count
    assert placed.key == placed.external["media"] == post["id"]
    assert placed.address.endswith(f"/p/{post['code']}/")
    assert "BMW X5" in post["caption"]


def test_twelve_photos_become_the_ten_that_instagram_takes(publish: Callable[..., Placed], meta: Meta) -> None:
    publish(12)

    assert len(shown(meta)[0]["photos"]) == 10


def test_no_step_waits_by_itself_and_a_slow_container_is_asked_about_once_a_minute(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    meta.configure(processing=150)
    account = open_account()
    payload = adapter.render(car(1), account)
    account = meta.waiting(lambda known: adapter.create(payload, known), account)
    pauses = []
    for _look in range(3):
        with pytest.raises(NotYet) as caught:
            adapter.create(payload, account)
        pauses.append(caught.value.after)
        account = replace(account, progress=caught.value.progress)
        meta.forward(caught.value.after)

    assert pauses == [60, 60, 60]
    adapter.create(payload, account)
    assert len(shown(meta)) == 1


def test_after_five_minutes_the_post_is_prepared_anew_and_in_the_end_a_person_is_asked(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    meta.configure(processing=100_000)
    payload = adapter.render(car(1), open_account())
    with pytest.raises(InvalidPayload):
        meta.carry_through(lambda known: adapter.create(payload, known), open_account())

    assert len(meta.state["containers"]) == 5
    assert meta.calls("read") == 5 * 6
    assert meta.calls("publish") == 0


def test_containers_of_a_carousel_are_waited_for_as_well(publish: Callable[..., Placed], meta: Meta) -> None:
    meta.configure(processing=70)
    publish(3)

    assert len(shown(meta)) == 1


def test_an_expired_container_is_made_anew(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    payload = adapter.render(car(1), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())
    meta.forward(25 * 3600)
    meta.carry_through(lambda known: adapter.create(payload, known), account)

    assert [item["status"] for item in meta.state["containers"]] == ["EXPIRED", "PUBLISHED"]


@pytest.mark.parametrize(
    ("words", "outcome"), [("code 2207026", InvalidPayload), ("code 2207053", NotYet), ("something", NotYet)]
)
def test_a_container_that_failed_is_judged_by_its_code(
    adapter: Adapter, open_account: Open, meta: Meta, words: str, outcome: type[Exception]
) -> None:
    meta.configure(fail=words)
    payload = adapter.render(car(1), open_account())
    account = meta.waiting(lambda known: adapter.create(payload, known), open_account())
    with pytest.raises(outcome):
        adapter.create(payload, account)


def test_the_quota_is_read_and_obeyed(publish: Callable[..., Placed], meta: Meta) -> None:
    meta.configure(quota_total=1)
    publish(1)
    with pytest.raises(RateLimited) as caught:
        publish(1)

    assert caught.value.retry_after == 3600
    assert meta.calls("createContainer") == 1
    meta.forward(25 * 3600)
    publish(1)
    assert len(shown(meta)) == 2


# --- Never two posts ------------------------------------------------------------------------------
def ready(adapter: Adapter, account: Account[Any, Any], meta: Meta, count: int = 1) -> tuple[Any, Account[Any, Any]]:
    """A payload whose container waits for its publishing, and the account that knows."""
    payload = adapter.render(car(count), account)
    while not account.progress.get("container"):
        account = meta.waiting(lambda known: adapter.create(payload, known), account)
    return payload, account


@pytest.mark.parametrize("answer", ["drop", "502", "500"])
@pytest.mark.parametrize("done", [True, False])
def test_an_ambiguous_publish_is_resolved_by_the_container(
    adapter: Adapter, open_account: Open, meta: Meta, answer: str, done: bool
) -> None:
    payload, account = ready(adapter, open_account(), meta)
    meta.fault("publish", answer=answer, done=done)
    with pytest.raises(Ambiguous):
        adapter.create(payload, account)
    found = adapter.lookup(payload, account)

    assert found.outcome == ("found" if done else "absent")
    again = adapter.create(payload, account)
    [post] = shown(meta)
    assert again.external["media"] == post["id"]
    assert again.address
    if found.placed:
        assert found.placed.external == again.external


def test_before_a_container_is_noted_nothing_can_have_happened(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    payload = adapter.render(car(2), open_account())
    meta.fault("createContainer", answer="drop", done=True)
    with pytest.raises(RetryLater):
        adapter.create(payload, open_account())

    assert adapter.lookup(payload, open_account()).outcome == "absent"
    assert shown(meta) == []


@pytest.mark.parametrize("operation", ["createContainer", "read", "quota", "publish", "listMedia"])
@pytest.mark.parametrize(
    "fault",
    [
        {"answer": "drop", "done": True},
        {"answer": "drop", "done": False},
        {"answer": "500", "done": False},
        {"answer": "502", "done": True},
        {"answer": "429", "done": False},
        {"answer": "auth", "done": False},
        {"delay": 0.2},
    ],
)
def test_whatever_fails_in_whichever_step_there_is_one_post_in_the_end(
    adapter: Adapter, open_account: Open, meta: Meta, operation: str, fault: dict[str, Any]
) -> None:
    account = open_account()
    payload = adapter.render(car(2), account)
    meta.fault(operation, **fault)
    for _try in range(20):
        try:
            adapter.create(payload, account)
            break
        except NotYet as waiting:
            account = replace(account, progress=waiting.progress)
            meta.forward(waiting.after)
        except AdapterError:
            meta.forward(30)

    assert len(shown(meta)) == 1


def test_a_refused_container_that_was_published_is_not_published_again(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    payload, account = ready(adapter, open_account(), meta)
    adapter.create(payload, account)
    placed = adapter.create(payload, account)

    assert placed.external["media"] == shown(meta)[0]["id"]
    assert (len(shown(meta)), meta.calls("publish")) == (1, 1)


def test_a_published_post_that_cannot_be_told_from_another_is_left_to_a_person(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    payload, account = ready(adapter, open_account(), meta)
    _payload, twin = ready(adapter, open_account(), meta)
    adapter.create(payload, account)
    adapter.create(payload, twin)
    found = adapter.lookup(payload, account)

    assert found.outcome == "found"
    assert found.placed is not None
    assert found.placed.external["media"] == ""
    with pytest.raises(ManualActionRequired):
        adapter.withdraw(found.placed.external, Farewell("BMW", sold=True), account)


def test_a_failed_look_at_the_link_does_not_lose_the_post(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    payload, account = ready(adapter, open_account(), meta)
    meta.fault("read", count=1)
    meta.fault("read", answer="drop")
    placed = adapter.create(payload, account)

    assert (placed.external["media"], placed.address) == (shown(meta)[0]["id"], "")


# --- What the errors mean -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "subcode", "outcome"),
    [
        (-2, 2207020, NotYet),
        (-1, 2207001, Ambiguous),
        (-1, 2207053, NotYet),
        (1, 2207057, InvalidPayload),
        (4, 2207051, AuthFailed),
        (9, 2207042, RateLimited),
        (24, 2207006, NotYet),
        (24, 2207008, NotYet),
        (25, 2207050, AuthFailed),
        (100, 2207040, InvalidPayload),
        (352, 2207026, InvalidPayload),
        (9007, 2207027, NotYet),
        (36004, 2207010, InvalidPayload),
        (1, None, Ambiguous),
        (2, None, Ambiguous),
        (4, None, RateLimited),
        (80002, None, RateLimited),
        (341, None, RateLimited),
        (368, None, AuthFailed),
        (10, None, AuthFailed),
        (190, None, AuthFailed),
        (200, None, AuthFailed),
        (506, None, InvalidPayload),
        (100, 33, InvalidPayload),
        (424242, None, InvalidPayload),
    ],
)
def test_each_error_of_publishing_means_what_meta_advises(
    adapter: Adapter, open_account: Open, meta: Meta, code: int, subcode: int | None, outcome: type[Exception]
) -> None:
    payload, account = ready(adapter, open_account(), meta)
    meta.refuse("publish", code, subcode)
    with pytest.raises(outcome):
        adapter.create(payload, account)
    assert shown(meta) == []


def test_a_container_that_is_not_found_is_looked_for_twice_before_a_new_one_is_made(
    adapter: Adapter, open_account: Open, meta: Meta
) -> None:
    payload, account = ready(adapter, open_account(), meta)
    meta.refuse("publish", 24, 2207008, count=3)
    pauses = []
    for _try in range(3):
        with pytest.raises(NotYet) as caught:
            adapter.create(payload, account)
        pauses.append(caught.value.after)
        account = replace(account, progress=caught.value.progress)

    assert pauses[:2] == [30, 120]
    assert account.progress["container"] == ""


@pytest.mark.parametrize("token", ["IGAAnonsense-that-nobody-knows", "x"])
def test_a_token_that_meta_quotes_back_stays_out_of_the_words(adapter: Adapter, open_account: Open, token: str) -> None:
    account = open_account(token)
    with pytest.raises(AuthFailed) as caught:
        adapter.create(adapter.render(car(1), account), account)
    if len(token) > 1:
        assert token not in str(caught.value)
    assert adapter.check(account).ok is False


def test_a_token_that_meta_quotes_in_a_refusal_is_covered(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    meta.configure(refuse=[{"operation": "quota", "code": 100, "message": f"Invalid parameter access_token={TOKEN}"}])
    with pytest.raises(InvalidPayload) as caught:
        adapter.create(adapter.render(car(1), open_account()), open_account())

    assert "access_token=…" in str(caught.value)


def test_an_expired_token_stops_the_channel(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    meta.configure(token_age=61 * 24 * 3600)
    with pytest.raises(AuthFailed):
        adapter.create(adapter.render(car(1), open_account()), open_account())


def test_a_photo_that_instagram_cannot_fetch_is_told(adapter: Adapter, open_account: Open, photos: PhotoServer) -> None:
    account = replace(open_account(), photo_address=lambda *args: f"{photos.url}/missing.jpg")
    with pytest.raises(InvalidPayload):
        adapter.create(adapter.render(car(1), account), account)


def test_a_photo_that_cannot_be_read_is_tried_later(adapter: Adapter, open_account: Open) -> None:
    def missing(*args: Any) -> str:
        raise PhotoUnavailable

    account = replace(open_account(), photo_address=missing)
    with pytest.raises(RetryLater):
        adapter.create(adapter.render(car(1), account), account)


def test_no_request_begins_after_the_working_time(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    account = replace(open_account(), until=meta.now() - timedelta(seconds=1))
    with pytest.raises(RetryLater):
        adapter.create(adapter.render(car(1), account), account)
    assert meta.calls("quota") == 0


def test_nothing_is_asked_where_it_would_lead_into_a_private_network(adapter: Adapter, open_account: Open) -> None:
    account = open_account(base_url="http://127.0.0.1:9/instagram")
    with pytest.raises(AuthFailed):
        adapter.create(adapter.render(car(1), account), account)


# --- Changes and withdrawal -----------------------------------------------------------------------
def test_a_changed_caption_is_up_to_a_person(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    account = open_account()
    with pytest.raises(ManualActionRequired):
        adapter.update(placed.external, adapter.render(car(1, year=2020), account), account)
    assert len(shown(meta)) == 1


def test_with_facebook_login_a_post_can_be_replaced(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    settings = {"login": "facebook", "when_changed": "replace"}
    placed = publish(1, **settings)
    account = open_account(**settings)
    payload = adapter.render(car(1, year=2020), account)
    meta.fault("publish", answer="drop", done=True)
    account = meta.waiting(lambda known: adapter.update(placed.external, payload, known), account)
    with pytest.raises(Ambiguous):
        adapter.update(placed.external, payload, account)
    changed = adapter.update(placed.external, payload, account)

    [post] = shown(meta)
    assert "2020" in post["caption"]
    assert changed.external["media"] == post["id"] != placed.external["media"]


def test_withdrawing_needs_facebook_login(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    with pytest.raises(ManualActionRequired) as caught:
        adapter.withdraw(placed.external, Farewell("BMW", sold=True), open_account())
    assert placed.address in str(caught.value)
    account = open_account(login="facebook")

    for _repeat in range(2):
        assert adapter.withdraw(placed.external, Farewell("BMW", sold=True), account).removed
    assert shown(meta) == []


def test_a_person_points_at_a_post_by_its_link(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    payload = InstagramPayload(caption="x", photos=())
    adopted = adapter.adopt(payload, f" {placed.address}?igsh=1 ", meta.now(), open_account())

    assert adopted.external == placed.external
    with pytest.raises(InvalidPayload):
        adapter.adopt(payload, "https://www.instagram.com/p/other/", meta.now(), open_account())
    assert adapter.adopt(payload, "", meta.now(), open_account()).external == {}


# --- Watching -------------------------------------------------------------------------------------
def test_a_post_is_live_until_it_is_deleted(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    placed = publish(1)
    assert adapter.inspect(placed.external, open_account()).state == "live"
    adapter.withdraw(placed.external, Farewell("BMW", sold=True), open_account(login="facebook"))

    assert adapter.inspect(placed.external, open_account()).state == "removed"
    assert adapter.inspect(placed.external, open_account(ig_user_id="99999")).state == "unknown"
    assert adapter.inspect({}, open_account()).state == "unknown"


def test_figures_are_read(adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta) -> None:
    placed = publish(1)
    meta.configure(insights={placed.key: {"views": 120, "reach": 80, "likes": 7, "saved": 3}})
    stats = adapter.fetch_stats(placed.external, open_account())

    assert stats is not None
    assert (stats.views, stats.reach, stats.likes, stats.saves, stats.comments) == (120, 80, 7, 3, 0)


def test_quota_and_check_tell_what_is_left(
    adapter: Adapter, open_account: Open, publish: Callable[..., Placed], meta: Meta
) -> None:
    meta.configure(quota_total=70)
    publish(1)
    found = adapter.quota(open_account())
    result = adapter.check(open_account())

    assert found is not None
    assert (found.used, found.total, found.hours) == (1, 70, 24)
    assert result.ok
    assert "@avtofamily_demo" in str(result.words)


def test_a_token_is_renewed_once_it_is_a_day_old(adapter: Adapter, open_account: Open, meta: Meta) -> None:
    assert adapter.refresh(open_account()) is None
    meta.forward(25 * 3600)
    newer = adapter.refresh(open_account())

    assert newer is not None
    assert newer.expires_at is not None
    assert newer.expires_at - meta.now() == pytest.approx(timedelta(days=60), abs=timedelta(minutes=1))
    assert adapter.check(open_account(newer.credentials["token"])).ok
    assert adapter.refresh(open_account(login="facebook")) is None


@pytest.mark.parametrize(
    ("subject", "entries", "keys"),
    [
        ("instagram", [{"changes": [{"field": "comments", "value": {"media": {"id": "7"}}}]}], ["7"]),
        ("instagram", [{"changes": [{"field": "mentions", "value": {"media": {"id": "7"}}}]}], []),
        ("page", [{"changes": [{"field": "comments", "value": {"media": {"id": "7"}}}]}], []),
        ("instagram", [{"changes": [{"field": "comments", "value": {"media": "7"}}, 5]}, 6], []),
        ("instagram", [{"changes": [{"field": "comments", "value": {"media": {"id": "x"}}}]}], []),
        ("instagram", {"changes": []}, []),
    ],
)
def test_notifications_are_read_whatever_they_contain(
    adapter: Adapter, subject: str, entries: Any, keys: list[str]
) -> None:
    body = json.dumps({"object": subject, "entry": entries}).encode()

    assert [event.key for event in adapter.events(IncomingCall("POST", {}, {}, body))] == keys
    assert (
        adapter.events(IncomingCall("POST", {}, {}, b"[]"))
        == adapter.events(IncomingCall("POST", {}, {}, b"\xff"))
        == []
    )


@pytest.mark.parametrize("secret", ["", "the-app-secret"])
def test_only_signed_notifications_are_genuine(adapter: Adapter, open_account: Open, secret: str) -> None:
    credentials = MetaCredentials(token=SecretStr(TOKEN), app_secret=SecretStr(secret))
    account = replace(open_account(), credentials=credentials, webhook_secret="typed-at-meta")
    signed = {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), b"{}", hashlib.sha256).hexdigest()}
    if secret:
        assert adapter.verify(IncomingCall("POST", {}, signed, b"{}"), account) == ""
    else:
        with pytest.raises(Forged):
            adapter.verify(IncomingCall("POST", {}, signed, b"{}"), account)
    question = {"hub.mode": "subscribe", "hub.verify_token": "typed-at-meta", "hub.challenge": "42"}
    assert adapter.verify(IncomingCall("GET", question, {}, b""), account) == "42"
    for forged in (
        IncomingCall("POST", {}, signed, b"{ }"),
        IncomingCall("POST", {}, {"x-hub-signature-256": "sha256=\u044f"}, b"{}"),
        IncomingCall("POST", {}, {}, b"{}"),
        IncomingCall("GET", question | {"hub.verify_token": ""}, {}, b""),
        IncomingCall("GET", question | {"hub.mode": "x"}, {}, b""),
    ):
        with pytest.raises(Forged):
            adapter.verify(forged, account)
    with pytest.raises(Forged):
        adapter.verify(
            IncomingCall("GET", question | {"hub.verify_token": ""}, {}, b""), replace(account, webhook_secret="")
        )
