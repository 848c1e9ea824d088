"""VK: the API at /vk/method/<method>, a community's wall at /vk/, its goods at /vk/market."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .forms import BadForm
from .meta_pictures import keep
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Clock, Database, Platform, Request, Response, Trouble, json_response, page_response
from .vk_api import GROUP, NAME, SCHEMA, VkApi, VkRefusal

TOKEN = "vk1.a.sandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
METHOD_PATH = re.compile(r"/method/(?P<method>[a-z]+\.[A-Za-z]+)")
UPLOAD_PATH = re.compile(r"/upload/(?P<ticket>[0-9a-f]{32})")
PHOTO_PATH = re.compile(r"/photos/(?P<name>[0-9a-f]{32})\.jpg")
POST_PATH = re.compile(rf"/(?:wall-{GROUP}_(?P<post>\d+))?")
GOOD_PATH = re.compile(rf"/(?:market|product-{GROUP}_(?P<good>\d+))")


class Vk(Platform):
    key, title = "vk", "VK"

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        super().__init__(folder, clock, url)
        self.database = Database(folder / "vk.sqlite3", SCHEMA)
        self.api = VkApi(self.database, clock, url)
        self.token = TOKEN
        self._refusals: list[dict[str, Any]] = []

    def operation(self, request: Request) -> str | None:
        method = METHOD_PATH.fullmatch(request.path)
        if method:
            return method["method"]
        return "upload" if UPLOAD_PATH.fullmatch(request.path) else None

    def handle(self, request: Request) -> Response:
        method, upload = METHOD_PATH.fullmatch(request.path), UPLOAD_PATH.fullmatch(request.path)
        try:
            if method:
                return json_response(200, {"response": self._call(method["method"], request)})
            if upload:
                return json_response(200, self._upload(upload["ticket"], request))
        except VkRefusal as refusal:
            return _refused(refusal)
        except BadForm:
            return _refused(VkRefusal(100, "One of the parameters specified was missing or invalid"))
        return self._page(request.path)

    def trouble(self, kind: Trouble, retry_after: int) -> Response:
        if kind == "auth":
            return _refused(VkRefusal(5, "User authorization failed: access_token has expired."))
        if kind == "429":
            return _refused(VkRefusal(29, "Rate limit reached"))
        return _refused(VkRefusal(10, "Internal server error: could not check access_token now, check later."))

    def configure(self, options: Mapping[str, Any]) -> None:
        """`token`: the one that is valid; `per_second`: calls let through;
        `refuse`: [{"method", "code", "message", "count"}], as 14 (captcha) or 9 (flood control).
        """
        left = dict(options)
        self.token = str(left.pop("token", self.token))
        self.api.per_second = int(left.pop("per_second", self.api.per_second))
        self._refusals += [{"count": 1, "message": "Refused on demand"} | item for item in left.pop("refuse", [])]
        super().configure(left)

    def state(self) -> Any:
        return {"posts": self.api.all_posts(), "goods": self.api.all_goods(), "photos": self.api.all_photos()}

    def posts(self) -> int:
        return len([row for row in (*self.api.all_posts(), *self.api.all_goods()) if row["deleted"] is None])

    def close(self) -> None:
        self.database.close()

    def _call(self, method: str, request: Request) -> Any:
        form = request.form()
        if not form.get("v"):
            raise VkRefusal(8, "Invalid request: v (version) is required")
        if form.get("access_token") != self.token:
            raise VkRefusal(5, "User authorization failed: invalid access_token (4).")
        self.api.count()
        for refusal in self._refusals:
            if refusal["method"] == method:
                refusal["count"] -= 1
                if refusal["count"] <= 0:
                    self._refusals.remove(refusal)
                raise VkRefusal(refusal["code"], refusal["message"])
        return self.api.call(method, form)

    def _upload(self, ticket: str, request: Request) -> Any:
        form = request.form()
        content = next((form.files[name] for name in ("photo", "file") if name in form.files), b"")
        return self.api.upload(ticket, content, lambda picture: keep(picture, self.folder))

    def _page(self, path: str) -> Response:
        photo, post, good = PHOTO_PATH.fullmatch(path), POST_PATH.fullmatch(path), GOOD_PATH.fullmatch(path)
        if photo:
            file = self.folder / "photos" / f"{photo['name']}.jpg"
            return Response(200, file.read_bytes(), "image/jpeg") if file.exists() else NOT_FOUND
        if post:
            shown = [self._shown(row, escape(row["message"])) for row in self.api.all_posts()]
            links = [("Товары", f"{self.url}/market")]
            page = posts_page("VK", f"{NAME}: так выглядела бы стена", shown, links=links, target=post["post"] or "")
            return page_response(page)
        if good:
            shown = [self._shown(row, _good(row)) for row in self.api.all_goods()]
            links = [("Стена", f"{self.url}/")]
            page = posts_page("VK", f"{NAME}: так выглядели бы товары", shown, links=links, target=good["good"] or "")
            return page_response(page)
        return NOT_FOUND

    def _shown(self, row: dict[str, Any], html: str) -> ShownPost:
        return ShownPost(
            id=str(row["number"]),
            html=html,
            photos=[f"{self.url}/photos/{name}.jpg" for name in row["photos"]],
            at=row["made"],
            edited=row["edited"] is not None,
            removed_at=row["deleted"],
        )


def _good(row: dict[str, Any]) -> str:
    price = f"{row['price']:,}".replace(",", " ")
    return f"<b>{escape(row['name'])}</b>\n{price}\n\n{escape(row['description'])}"


def _refused(refusal: VkRefusal) -> Response:
    # VK answers 200 whatever has happened.
    return json_response(200, {"error": {"error_code": refusal.code, "error_msg": refusal.words}})
