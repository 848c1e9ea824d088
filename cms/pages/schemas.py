"""Shapes of the answers about pages. Documents are stored finished; these describe and (in tests) check them."""

from typing import Any, Literal

from ninja import Field, Schema

from listings.schemas import Named, Photo


class Seo(Schema):
    title: str
    description: str
    image: Photo | None


class Block(Schema):
    type: Literal[
        "hero", "cars", "makes", "advantages", "figures", "rich_text", "faq", "call_to_action", "image", "posts"
    ]
    value: dict[str, Any]
    id: str | None


class PostCard(Schema):
    path: str
    title: str
    intro: str
    published_at: str
    category: Named | None
    image: Photo | None


class Author(Schema):
    name: str
    role: str


class Page(Schema):
    """Fields below `body` are those of the blog: a list of posts, or a post."""

    type: Literal["home", "content", "blog_index", "blog_post"]
    path: str
    title: str
    seo: Seo
    body: list[Block] = []
    posts: list[PostCard] | None = None
    page: int | None = Field(None, description="Of a list of posts: which page of it.")
    pages: int | None = None
    intro: str | None = None
    published_at: str | None = None
    updated_at: str | None = None
    author: Author | None = None
    category: Named | None = None
    tags: list[str] | None = None
    image: Photo | None = None
    more: list[PostCard] | None = None


class Social(Schema):
    kind: str
    url: str


class NavigationItem(Schema):
    title: str
    path: str


class UsdRate(Schema):
    rate: float = Field(description="BYN for one dollar.")
    date: str


class Site(Schema):
    name: str
    tagline: str
    phone: str
    email: str
    address: str
    hours: str
    socials: list[Social]
    navigation: list[NavigationItem]
    footer_text: str
    usd_rate: UsdRate | None


class Redirect(Schema):
    from_path: str = Field(alias="from")
    to: str
    permanent: bool


class Redirects(Schema):
    items: list[Redirect]
