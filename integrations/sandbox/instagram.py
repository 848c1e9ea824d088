"""Instagram: content publishing at /instagram/v25.0/, the account as people see it at /instagram/."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from .forms import Form
from .instagram_media import SCHEMA, Media, Rules
from .meta import MetaPlatform
from .meta_errors import GraphRefusal, bad_parameter, no_such_object, refused
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Request, Response, json_response, page_response

TOKEN = "IGAAsandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
FACEBOOK_TOKEN = "EAAIsandbox-of-avtofamily-demo-00001"  # noqa: S105  the same, for an app with Facebook Login
FACEBOOK_LOGIN = "EAA"
"""How tokens of Facebook Login begin: only these delete, and they are not refreshed."""
USER, NAME = "17841400000000001", "avtofamily_demo"
REFRESH_PATH = "/refresh_access_token"
METRICS = ("views", "reach", "likes", "comments", "saved", "shares", "total_interactions")
CAROUSEL_STYLE = "display:flex;overflow-x:auto;scroll-snap-type:x mandatory;margin:-.75rem -1rem .75rem"
PICTURE_STYLE = "flex:0 0 100%;inline-size:100%;scroll-snap-align:center"
PHOTO_PATH = re.compile(r"/photos/([0-9a-f]{32})\.jpg")
POST_PATH = re.compile(r"/(?:p/(?P<code>[A-Za-z0-9_-]+)/?)?")


class Instagram(MetaPlatform):
    key, title = "instagram", "Instagram"
    schema, accepted = SCHEMA, (TOKEN, FACEBOOK_TOKEN)
    operations = {
        ("POST", "media"): "createContainer",
        ("GET", "media"): "listMedia",
        ("POST", "media_publish"): "publish",
        ("GET", "content_publishing_limit"): "quota",
        ("GET", "insights"): "insights",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.rules = Rules()
        self.media = Media(self.database, self.clock, self.folder, self.url, self.rules)

    def operation(self, request: Request) -> str | None:
        return "refresh" if request.path == REFRESH_PATH else super().operation(request)

    def handle(self, request: Request) -> Response:
        if request.path != REFRESH_PATH:
            return super().handle(request)
        try:
            return json_response(200, self._refresh(request.form()))
        except GraphRefusal as refusal:
            return refused(refusal)

    def call(self, operation: str, node: str, form: Form, token: str) -> Any:
        if operation in {"createContainer", "publish", "quota", "listMedia"}:
            if node != USER:
                raise no_such_object(node)
            return self._account_call(operation, form)
        if operation == "read":
            return {"id": USER, "username": NAME} if node == USER else self._read(node, form)
        if operation == "insights":
            return self._insights(node, form)
        if operation == "delete":
            return self._delete(node, token)
        if operation == "edit":
            self.media.present(node)
            if "comment_enabled" not in form.values:
                raise bad_parameter("The parameter comment_enabled is required")
            return {"success": True}
        raise GraphRefusal(3, "Unknown method")

    def configure(self, options: Mapping[str, Any]) -> None:
        """`processing`: seconds IN_PROGRESS; `fail`: words, with which the next container ends in ERROR;
        `quota_total`; `insights`: {media: {"views": 5}}; and those of Meta.
        """
        left = dict(options)
        self.rules.processing = float(left.pop("processing", self.rules.processing))
        self.rules.quota_total = int(left.pop("quota_total", self.rules.quota_total))
        self.rules.fail = str(left.pop("fail", self.rules.fail))
        for media, figures in left.pop("insights", {}).items():
            self.media.count(str(media), {name: int(value) for name, value in figures.items()})
        super().configure(left)

    def state(self) -> Any:
        return {"containers": self.media.containers(), "media": self.media.all()}

    def posts(self) -> int:
        return len([item for item in self.media.all() if item["deleted"] is None])

    def page(self, path: str) -> Response:
        photo, post = PHOTO_PATH.fullmatch(path), POST_PATH.fullmatch(path)
        if photo:
            return self.picture(photo[1])
        if post is None:
            return NOT_FOUND
        shown = [self._shown(item) for item in self.media.all()]
        target = post["code"] or ""
        return page_response(posts_page(self.title, f"@{NAME}: так выглядели бы публикации", shown, target=target))

    def _account_call(self, operation: str, form: Form) -> Any:
        if operation == "createContainer":
            return self.media.create_container(form)
        if operation == "publish":
            return self.media.publish(form.get("creation_id"))
        if operation == "quota":
            config = {"quota_total": self.rules.quota_total, "quota_duration": 86_400}
            return {"data": [{"config": config, "quota_usage": self.media.used()}]}
        newest = [item for item in reversed(self.media.all()) if item["deleted"] is None]
        limit = int(form.get("limit") or 25)
        return {"data": [_fields(self.media.described(item), form) for item in newest[:limit]]}

    def _read(self, node: str, form: Form) -> Any:
        container = self.media.container(node)
        if container is not None:
            status, words = self.media.status(container)
            return _fields({"id": node, "status_code": status, "status": words}, form)
        return _fields(self.media.described(self.media.present(node)), form)

    def _insights(self, node: str, form: Form) -> Any:
        item = self.media.present(node)
        figures, asked = self.media.figures(item), form.get("metric").split(",")
        unknown = [name for name in asked if name not in METRICS]
        if unknown:
            raise bad_parameter(f"(#100) metric[0] must be one of the following values: {', '.join(METRICS)}")
        return {
            "data": [
                {"name": name, "period": "lifetime", "values": [{"value": figures[name]}], "id": f"{node}/insights"}
                for name in asked
            ]
        }

    def _delete(self, node: str, token: str) -> Any:
        if not token.startswith(FACEBOOK_LOGIN):
            raise GraphRefusal(10, "(#10) Application does not have permission for this action")
        self.media.delete(node)
        return {"success": True}

    def _refresh(self, form: Form) -> Any:
        value = self.tokens.require("", form)
        if form.get("grant_type") != "ig_refresh_token" or value.startswith(FACEBOOK_LOGIN):
            raise bad_parameter("Unsupported grant type")
        return self.tokens.refresh(value)

    def _shown(self, item: dict[str, Any]) -> ShownPost:
        return ShownPost(
            id=item["code"],
            html=self._carousel(item["photos"]) + escape(item["caption"]),
            at=item["made"],
            removed_at=item["deleted"],
            marks=[f"фото: {len(item['photos'])}, листаются вбок"] if len(item["photos"]) > 1 else [],
        )

    def _carousel(self, names: list[str]) -> str:
        """Whole pictures side by side: how they are cropped is what one wants to see here."""
        pictures = "".join(
            f'<img src="{self.url}/photos/{name}.jpg" alt="" loading="lazy" style="{PICTURE_STYLE}">' for name in names
        )
        return f'<div style="{CAROUSEL_STYLE}">{pictures}</div>'


def _fields(values: dict[str, Any], form: Form) -> dict[str, Any]:
    """Those that were asked for, and the id."""
    asked = form.get("fields").split(",")
    return {name: value for name, value in values.items() if name == "id" or name in asked}
