"""The imitated Meta is as strict as the platform's own documents say: each rule refuses its breach."""

import hashlib
import hmac
import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from PIL import Image

from integrations.sandbox import facebook, instagram, meta_catalogue
from integrations.sandbox.meta import APP_SECRET
from integrations.sandbox.server import Sandbox

from ..integrations.photo_server import PhotoServer, serve_photos

DAY = 24 * 3600
TOKENS = {"instagram": instagram.TOKEN, "facebook": facebook.TOKEN, "meta_catalogue": meta_catalogue.TOKEN}


@pytest.fixture(scope="module")
def photos() -> Iterator[PhotoServer]:
    with serve_photos() as server:
        yield server


def call(
    sandbox: Sandbox, platform: str, method: str, path: str, token: str = "", body: Any = None, **params: str
) -> dict[str, Any]:
    """The answer's JSON; an error's status is not 200."""
    headers = {"Authorization": f"Bearer {token or TOKENS[platform]}"}
    sent: dict[str, Any] = (
        {"json": body} if body is not None else {"data": params} if method == "POST" else {"params": params}
    )
    url = f"{sandbox.url}/{platform}/v25.0/{path}"
    response = httpx.request(method, url, headers=headers, trust_env=False, **sent)
    found: dict[str, Any] = response.json()
    assert (response.status_code == 200) is ("error" not in found)
    return found


def code(answer: dict[str, Any]) -> tuple[int, int | None]:
    """Code and subcode of an error, (0, None) of a success."""
    error = answer.get("error", {"code": 0})
    return error["code"], error.get("error_subcode")


class Instagram:
    """The account, as its app calls it."""

    def __init__(self, sandbox: Sandbox, photos: PhotoServer) -> None:
        self.sandbox, self.photos = sandbox, photos

    def call(self, method: str, path: str, **params: str) -> dict[str, Any]:
        return call(self.sandbox, "instagram", method, path, **params)

    def container(self, size: str = "800x800", kind: str = "jpeg", **params: str) -> dict[str, Any]:
        params = {"image_url": f"{self.photos.url}/1/{size}.{kind}"} | params
        return self.call("POST", f"{instagram.USER}/media", **params)

    def child(self, size: str = "800x800") -> str:
        return str(self.container(size, is_carousel_item="true")["id"])

    def carousel(self, *children: str, **params: str) -> dict[str, Any]:
        joined = {"media_type": "CAROUSEL", "children": ",".join(children)}
        return self.call("POST", f"{instagram.USER}/media", **joined, **params)

    def publish(self, container: str) -> dict[str, Any]:
        return self.call("POST", f"{instagram.USER}/media_publish", creation_id=container)

    def post(self) -> str:
        return str(self.publish(str(self.container()["id"]))["id"])

    def status(self, container: str) -> str:
        return str(self.call("GET", container, fields="status_code")["status_code"])

    def forward(self, seconds: float) -> None:
        self.sandbox.control({"clock_offset": self.sandbox.clock.offset + seconds})

    def configure(self, **options: Any) -> None:
        self.sandbox.control({"instagram": options})


@pytest.fixture
def account(sandbox: Sandbox, photos: PhotoServer) -> Instagram:
    return Instagram(sandbox, photos)


# --- Access ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("platform", list(TOKENS))
def test_a_token_is_needed_and_lives_for_sixty_days(sandbox: Sandbox, platform: str) -> None:
    node = {"instagram": instagram.USER, "facebook": facebook.PAGE, "meta_catalogue": meta_catalogue.CATALOG}[platform]
    assert call(sandbox, platform, "GET", node)["id"] == node
    assert code(call(sandbox, platform, "GET", node, token="wrong"))[0] == 190
    without = httpx.get(f"{sandbox.url}/{platform}/v25.0/{node}", trust_env=False)
    assert without.status_code == 401
    sandbox.control({"clock_offset": 60 * DAY + 1})
    assert code(call(sandbox, platform, "GET", node)) == (190, 463)


@pytest.mark.parametrize(("answer", "expected"), [("500", 2), ("429", 4), ("auth", 190)])
@pytest.mark.parametrize("platform", list(TOKENS))
def test_troubles_come_in_metas_own_words(sandbox: Sandbox, platform: str, answer: str, expected: int) -> None:
    sandbox.control({"faults": [{"platform": platform, "answer": answer}]})

    assert code(call(sandbox, platform, "GET", "x"))[0] == expected


def refresh(sandbox: Sandbox, token: str = instagram.TOKEN, grant: str = "ig_refresh_token") -> dict[str, Any]:
    params = {"grant_type": grant, "access_token": token}
    url = f"{sandbox.url}/instagram/refresh_access_token"
    answer: dict[str, Any] = httpx.get(url, params=params, trust_env=False).json()
    return answer


def test_a_token_is_refreshed_once_it_is_a_day_old_and_not_after_its_end(account: Instagram) -> None:
    sandbox = account.sandbox
    assert code(refresh(sandbox))[0] == 100
    account.forward(DAY)
    newer = refresh(sandbox)
    assert newer["expires_in"] == 60 * DAY
    assert code(refresh(sandbox, newer["access_token"]))[0] == 100
    assert code(refresh(sandbox, grant="other"))[0] == 100
    account.forward(59 * DAY)
    assert code(refresh(sandbox))[0] == 190
    assert call(sandbox, "instagram", "GET", instagram.USER, token=newer["access_token"])["username"]


# --- Instagram: containers ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("size", "kind", "expected"),
    [
        ("320x400", "jpeg", (0, None)),
        ("1440x754", "jpeg", (0, None)),
        ("800x800", "png", (36001, 2207005)),
        ("319x319", "jpeg", (36000, 2207004)),
        ("1441x1441", "jpeg", (36000, 2207004)),
        ("799x1000", "jpeg", (36003, 2207009)),
        ("1000x520", "jpeg", (36003, 2207009)),
    ],
)
def test_pictures_are_fetched_and_measured(account: Instagram, size: str, kind: str, expected: tuple[int, int]) -> None:
    assert code(account.container(size, kind)) == expected


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.jpg", "{photos}/missing.jpg", "nonsense"])
def test_a_picture_that_cannot_be_fetched_is_refused(account: Instagram, address: str) -> None:
    assert code(account.container(image_url=address.format(photos=account.photos.url))) == (9004, 2207052)


def test_a_picture_over_eight_mebibytes_is_refused(account: Instagram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.sandbox.meta_pictures.MAX_BYTES", 1000)

    assert code(account.container()) == (36000, 2207004)


@pytest.mark.parametrize(
    ("caption", "fits"),
    [
        ("x" * 2200, True),
        ("x" * 2201, False),
        ("#a " * 30, True),
        ("#a " * 31, False),
        ("@a " * 20, True),
        ("@a " * 21, False),
    ],
)
def test_captions_have_limits(account: Instagram, caption: str, fits: bool) -> None:
    children = account.child(), account.child()
    expected = (0, None) if fits else (36004, 2207010)

    assert code(account.container(caption=caption)) == expected
    assert code(account.carousel(*children, caption=caption)) == expected


@pytest.mark.parametrize(("count", "fits"), [(1, False), (2, True), (10, True), (11, False)])
def test_a_carousel_has_two_to_ten_children(account: Instagram, count: int, fits: bool) -> None:
    child = account.child()

    assert code(account.carousel(*[child] * count)) == ((0, None) if fits else (100, 2207028))


def test_a_carousel_takes_only_carousel_items_that_are_ready(account: Instagram) -> None:
    single, child = str(account.container()["id"]), account.child()
    assert code(account.carousel(single, child)) == (100, 2207028)
    assert code(account.publish(child))[0] == 100
    account.configure(processing=60)
    late = account.child()
    assert code(account.carousel(child, late)) == (9007, 2207027)
    account.forward(DAY)
    assert code(account.carousel(child, late)) == (-2, 2207020)
    assert code(account.container(media_type="STORY")) == (100, 2207023)


def test_a_carousel_is_cropped_to_its_first_picture(account: Instagram) -> None:
    container = account.carousel(account.child("1000x1000"), account.child("1000x600"))
    account.publish(str(container["id"]))
    [post] = account.sandbox.state()["instagram"]["media"]
    sizes = []
    for name in post["photos"]:
        content = httpx.get(f"{account.sandbox.url}/instagram/photos/{name}.jpg", trust_env=False).content
        with Image.open(io.BytesIO(content)) as image:
            sizes.append(image.size)

    assert sizes == [(1000, 1000), (600, 600)]


def test_a_container_is_published_once_and_says_so(account: Instagram) -> None:
    account.configure(processing=60)
    container = str(account.container()["id"])
    assert account.status(container) == "IN_PROGRESS"
    assert code(account.publish(container)) == (9007, 2207027)
    account.forward(60)
    assert account.status(container) == "FINISHED"
    assert account.publish(container)["id"]
    assert account.status(container) == "PUBLISHED"
    assert code(account.publish(container)) == (24, 2207006)
    assert code(account.publish("17900000000999999")) == (24, 2207008)
    assert len(account.sandbox.state()["instagram"]["media"]) == 1


def test_a_container_lives_for_a_day(account: Instagram) -> None:
    container = str(account.container()["id"])
    account.forward(DAY)

    assert account.status(container) == "EXPIRED"
    assert code(account.publish(container)) == (-2, 2207020)


def test_a_container_fails_on_demand(account: Instagram) -> None:
    account.configure(fail="Media upload has failed with error code 2207026")
    container = str(account.container()["id"])

    assert account.call("GET", container, fields="status_code,status")["status"].endswith("2207026")
    assert account.status(container) == "ERROR"
    assert code(account.publish(container)) == (-1, 2207053)
    assert account.status(str(account.container()["id"])) == "FINISHED"


def test_the_days_posts_are_counted_in_a_moving_window(account: Instagram) -> None:
    account.configure(quota_total=2)
    account.post()
    account.forward(3600)
    account.post()
    [limit] = account.call("GET", f"{instagram.USER}/content_publishing_limit", fields="config,quota_usage")["data"]
    assert limit == {"config": {"quota_total": 2, "quota_duration": DAY}, "quota_usage": 2}
    container = str(account.container()["id"])
    assert code(account.publish(container)) == (9, 2207042)
    account.forward(DAY - 3500)
    assert account.publish(container)["id"]


# --- Instagram: posts -----------------------------------------------------------------------------
def test_captions_are_never_edited(account: Instagram) -> None:
    media = account.post()

    assert code(account.call("POST", media, caption="other"))[0] == 100
    assert account.call("POST", media, comment_enabled="false") == {"success": True}


def test_only_facebook_login_deletes(account: Instagram) -> None:
    media = account.post()
    assert code(account.call("DELETE", media))[0] == 10
    by_facebook = {"token": instagram.FACEBOOK_TOKEN}
    assert account.call("DELETE", media, **by_facebook) == {"success": True}
    assert code(account.call("DELETE", media, **by_facebook)) == (100, 33)
    assert code(account.call("GET", media, fields="permalink")) == (100, 33)
    assert account.call("GET", f"{instagram.USER}/media")["data"] == []
    account.forward(DAY)
    assert code(refresh(account.sandbox, instagram.FACEBOOK_TOKEN))[0] == 100


def test_insights_tell_what_was_counted_and_no_impressions(account: Instagram) -> None:
    media = account.post()
    account.configure(insights={media: {"views": 9, "likes": 2, "saved": 1}})
    rows = account.call("GET", f"{media}/insights", metric="views,likes,total_interactions")["data"]

    assert {row["name"]: row["values"][0]["value"] for row in rows} == {"views": 9, "likes": 2, "total_interactions": 3}
    assert code(account.call("GET", f"{media}/insights", metric="impressions"))[0] == 100


def test_only_its_own_account_answers(account: Instagram) -> None:
    assert code(account.call("POST", "17841400000000009/media")) == (100, 33)
    assert code(account.call("GET", "17841400000000009")) == (100, 33)
    assert code(account.call("GET", f"{instagram.USER}/stories"))[0] == 3


# --- Facebook -------------------------------------------------------------------------------------
class Page:
    def __init__(self, sandbox: Sandbox, photos: PhotoServer) -> None:
        self.sandbox, self.photos = sandbox, photos

    def call(self, method: str, path: str, **params: str) -> dict[str, Any]:
        return call(self.sandbox, "facebook", method, path, **params)

    def photo(self, **params: str) -> dict[str, Any]:
        params = {"url": f"{self.photos.url}/1/800x600.jpeg", "published": "false"} | params
        return self.call("POST", f"{facebook.PAGE}/photos", **params)

    def post(self, *photos: str, **params: str) -> dict[str, Any]:
        attached = {f"attached_media[{index}]": json.dumps({"media_fbid": item}) for index, item in enumerate(photos)}
        return self.call("POST", f"{facebook.PAGE}/feed", **attached, **params)


@pytest.fixture
def page(sandbox: Sandbox, photos: PhotoServer) -> Page:
    return Page(sandbox, photos)


def test_photos_of_a_page_are_unseen_until_a_post_shows_them(page: Page) -> None:
    photo = str(page.photo()["id"])
    assert page.sandbox.state()["facebook"]["posts"] == []
    assert page.post(photo, message="BMW")["id"].startswith(f"{facebook.PAGE}_")
    assert code(page.post(photo, message="BMW"))[0] == 100
    assert code(page.post("999", message="BMW"))[0] == 100
    assert code(page.post("nonsense", message="BMW"))[0] == 100
    assert code(page.post())[0] == 100
    assert code(page.photo(published="true"))[0] == 100
    assert code(page.photo(url=""))[0] == 100
    assert len(page.sandbox.state()["facebook"]["posts"]) == 1


def test_unseen_photos_are_dropped_after_a_day(page: Page) -> None:
    photo = str(page.photo()["id"])
    page.sandbox.control({"clock_offset": DAY + 1})

    assert code(page.post(photo, message="BMW"))[0] == 100


def test_posts_of_a_page_are_edited_and_deleted(page: Page) -> None:
    post = str(page.post(message="BMW")["id"])
    assert page.call("POST", post, message="Audi") == {"success": True}
    assert code(page.call("POST", post, **{"attached_media[0]": "{}"}))[0] == 100
    assert code(page.call("POST", post, message="x" * 63_207))[0] == 100
    [listed] = page.call("GET", f"{facebook.PAGE}/feed")["data"]
    assert (listed["id"], listed["message"]) == (post, "Audi")
    assert page.call("DELETE", post) == {"success": True}
    assert [code(page.call(method, post)) for method in ("GET", "POST", "DELETE")] == [(100, 33)] * 3


# --- Catalogue ------------------------------------------------------------------------------------
VEHICLE: dict[str, Any] = {
    "vehicle_id": "7", "title": "BMW X5", "description": "Один хозяин", "url": "https://x/7",
    "image": [{"url": "https://x/7.jpg"}], "make": "BMW", "model": "X5", "year": "2018",
    "mileage": {"value": "1", "unit": "KM"}, "state_of_vehicle": "USED", "body_style": "SUV",
    "exterior_color": "чёрный", "price": "95000 BYN", "currency": "BYN", "address": {"city": "Минск"},
    "vin": "WBAKS410500H12345",
}  # fmt: skip


def batch(sandbox: Sandbox, *requests: Any, **changes: Any) -> dict[str, Any]:
    body = {"item_type": "VEHICLE", "allow_upsert": True, "requests": list(requests)} | changes
    return call(sandbox, "meta_catalogue", "POST", f"{meta_catalogue.CATALOG}/items_batch", body=body)


def outcome(sandbox: Sandbox, answer: dict[str, Any]) -> dict[str, Any]:
    path = f"{meta_catalogue.CATALOG}/check_batch_request_status"
    [row] = call(sandbox, "meta_catalogue", "GET", path, handle=answer["handles"][0])["data"]
    return dict(row)


def update(**changes: Any) -> dict[str, Any]:
    return {"method": "UPDATE", "data": VEHICLE | changes}


def test_a_batch_is_worked_through_after_it_was_accepted(sandbox: Sandbox) -> None:
    sandbox.control({"meta_catalogue": {"processing": 30}})
    answer = batch(sandbox, update())
    assert outcome(sandbox, answer)["status"] == "started"
    assert sandbox.state()["meta_catalogue"]["items"] == []
    sandbox.control({"clock_offset": 31})
    assert outcome(sandbox, answer) == {
        "handle": answer["handles"][0], "status": "finished", "errors": [], "errors_total_count": 0
    }  # fmt: skip
    batch(sandbox, update(), {"method": "DELETE", "data": {"vehicle_id": "7"}})
    sandbox.control({"clock_offset": 62})
    assert sandbox.state()["meta_catalogue"]["items"] == []


@pytest.mark.parametrize("field", meta_catalogue.REQUIRED)
def test_a_vehicle_needs_each_of_its_fields(sandbox: Sandbox, field: str) -> None:
    found = outcome(sandbox, batch(sandbox, update(**{field: ""})))

    assert found["errors_total_count"] == 1
    assert field in found["errors"][0]["message"]
    assert sandbox.state()["meta_catalogue"]["items"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"mileage": {"value": "1"}},
        {"mileage": "120000"},
        {"image": "https://x/7.jpg"},
        {"image": [{}]},
        {"address": "Минск"},
    ],
)
def test_fields_have_their_shape(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    assert outcome(sandbox, batch(sandbox, update(**changes)))["errors_total_count"] == 1


def test_without_upsert_only_known_vehicles_are_updated(sandbox: Sandbox) -> None:
    assert outcome(sandbox, batch(sandbox, update(), allow_upsert=False))["errors_total_count"] == 1
    batch(sandbox, update())
    assert outcome(sandbox, batch(sandbox, update(year="2019"), allow_upsert=False))["errors_total_count"] == 0
    assert sandbox.state()["meta_catalogue"]["items"][0]["data"]["year"] == "2019"


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"item_type": "PRODUCT_ITEM"},
        lambda: {"item_type": ""},
        lambda: {"requests": []},
        lambda: {"requests": "x"},
        lambda: {"requests": [{"method": "UPSERT", "data": {}}]},
        lambda: {"requests": [{"method": "UPDATE"}]},
        lambda: {"requests": [{"method": "DELETE", "data": {}}] * 5001},
        lambda: {"requests": [{"method": "UPDATE", "data": {"description": "x" * 28 * 1024 * 1024}}]},
    ],
)
def test_a_batch_has_limits(sandbox: Sandbox, make: Callable[[], dict[str, Any]]) -> None:
    assert code(batch(sandbox, **make()))[0] == 100


def test_unknown_handles_and_catalogues_are_not_found(sandbox: Sandbox) -> None:
    path = f"{meta_catalogue.CATALOG}/check_batch_request_status"
    assert code(call(sandbox, "meta_catalogue", "GET", path, handle="batch-99")) == (100, 33)
    assert code(call(sandbox, "meta_catalogue", "GET", "123")) == (100, 33)


# --- Webhooks and pages ---------------------------------------------------------------------------
@pytest.mark.parametrize("platform", ["instagram", "facebook"])
def test_webhooks_are_signed_over_the_very_bytes(sandbox: Sandbox, platform: str) -> None:
    heard: list[tuple[str, bytes]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["X-Hub-Signature-256"], body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.handle_request, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    sandbox.control({platform: {"webhook": {"url": url, "body": {"object": "page", "entry": []}}}})
    server.server_close()

    [(signature, body)] = heard
    assert signature == "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    with pytest.raises(ValueError, match="cannot be called"):
        sandbox.control({platform: {"webhook": {"url": url, "body": {}}}})


@pytest.mark.parametrize(
    ("platform", "options"),
    [
        ("instagram", {"quota_total": "x"}),
        ("instagram", {"unknown": 1}),
        ("facebook", {"quota": 1}),
        ("meta_catalogue", {"x": 1}),
    ],
)
def test_a_wrong_setting_is_refused(sandbox: Sandbox, platform: str, options: dict[str, Any]) -> None:
    answer = httpx.post(f"{sandbox.url}/__control", json={platform: options}, trust_env=False)

    assert answer.status_code == 400


def test_pages_show_what_visitors_would_see(account: Instagram, page: Page) -> None:
    sandbox = account.sandbox
    account.publish(str(account.container(caption="<script>BMW")["id"]))
    page.post(str(page.photo()["id"]), message="Audi <b>")
    batch(sandbox, update(title="Lada <i>"))
    shown = {key: httpx.get(f"{sandbox.url}/{key}/", trust_env=False).text for key in TOKENS}

    assert "&lt;script&gt;BMW" in shown["instagram"]
    assert "Audi &lt;b&gt;" in shown["facebook"]
    assert "Lada &lt;i&gt;" in shown["meta_catalogue"]
    assert all(text.count("<img ") == 1 for text in shown.values())
    permalink = account.call("GET", f"{instagram.USER}/media", fields="permalink")["data"][0]["permalink"]
    assert httpx.get(permalink, trust_env=False).status_code == 200
    overview = httpx.get(sandbox.url, trust_env=False).text
    assert all(f'href="/{key}/"' in overview for key in TOKENS)


@pytest.mark.parametrize("platform", list(TOKENS))
@pytest.mark.parametrize("path", ["photos/../x", f"photos/{'0' * 32}.jpg", "p/nothing/else", "posts/x"])
def test_other_paths_lead_nowhere(sandbox: Sandbox, platform: str, path: str) -> None:
    assert httpx.get(f"{sandbox.url}/{platform}/{path}", trust_env=False).status_code == 404
