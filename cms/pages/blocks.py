"""Blocks of pages. Each knows its part of the page's document: `document_value`.

Blocks that show cars, makes or posts write a rule; `resolvers.py` fills it in when the page is read.
"""

import re
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StreamValue
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import RichText, expand_db_html

from cms.images.renditions import photo_document
from listings.vocabulary import Body, Condition, Fuel, SaleState

from .links import page_path, validate_link

TEXT_FEATURES = ["h2", "h3", "h4", "bold", "italic", "ol", "ul", "link", "hr", "image"]
SHORT_TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link"]
FOR_SALE = (SaleState.AVAILABLE, SaleState.RESERVED)
"""A sold car on the front page makes visitors call in vain."""

_EDITOR_KEY = re.compile(r' data-block-key="[^"]*"')
"""The editor's own marks on paragraphs; visitors need not download them."""

ICONS = [
    ("shield", _("Shield: checked, safe")),
    ("check", _("Tick: done")),
    ("wallet", _("Wallet: price, payment")),
    ("exchange", _("Arrows: exchange")),
    ("document", _("Document: papers, leasing")),
    ("clock", _("Clock: fast")),
    ("car", _("Car")),
    ("phone", _("Phone")),
    ("map", _("Map: where we are")),
    ("star", _("Star: favourites, reviews")),
]


def rich_text_html(value: RichText | str | None) -> str:
    """Rich text as visitors see it: links by their address on the site, pictures as made for it."""
    source = value.source if isinstance(value, RichText) else value or ""
    return _EDITOR_KEY.sub("", expand_db_html(source)) if source else ""


def make_choices() -> list[tuple[str, str]]:
    # Inline: blocks are imported while models are being loaded.
    from listings.models import Make

    return list(Make.objects.order_by("name").values_list("slug", "name"))


def category_choices() -> list[tuple[str, str]]:
    from django.apps import apps

    return list(apps.get_model("blog", "Category").objects.order_by("name").values_list("slug", "name"))


class LinkBlock(blocks.StructBlock):
    """A page of the site, or an address."""

    page = blocks.PageChooserBlock(required=False, label=_("Page"), help_text=_("Choose a page, or enter an address."))
    path = blocks.CharBlock(
        required=False,
        max_length=300,
        validators=[validate_link],
        label=_("Address"),
        help_text=_("For example /catalog?body=suv. Used when no page is chosen."),
    )

    class Meta:
        icon = "link"

    @staticmethod
    def path_of(value: Any) -> str:
        """The address, empty when nothing is chosen or the page cannot be opened."""
        if not value:
            return ""
        return (page_path(value.get("page")) if value.get("page") else value.get("path")) or ""


class HeroBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120, label=_("Title"))
    text = blocks.TextBlock(required=False, max_length=400, rows=2, label=_("Text"))
    image = ImageChooserBlock(required=False, label=_("Picture"))
    cta_text = blocks.CharBlock(required=False, max_length=40, label=_("Words on the button"))
    cta = LinkBlock(required=False, label=_("The button leads to"))

    class Meta:
        icon = "home"
        label = _("Opening")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {
            "title": value["title"],
            "text": value["text"] or "",
            "image": photo_document(value["image"]) if value["image"] else None,
            "cta_text": value["cta_text"] or "",
            "cta_path": LinkBlock.path_of(value["cta"]),
        }


class CarsBlock(blocks.StructBlock):
    """The newest cars that fit; nobody has to choose them by hand."""

    title = blocks.CharBlock(max_length=120, label=_("Title"))
    text = blocks.TextBlock(required=False, max_length=400, rows=2, label=_("Text"))
    make = blocks.ChoiceBlock(choices=make_choices, required=False, label=_("Only this make"))
    body = blocks.ChoiceBlock(choices=Body.choices, required=False, label=_("Only this body"))
    fuel = blocks.ChoiceBlock(choices=Fuel.choices, required=False, label=_("Only this fuel"))
    condition = blocks.ChoiceBlock(choices=Condition.choices, required=False, label=_("Only this condition"))
    price_max = blocks.IntegerBlock(required=False, min_value=100, label=_("Price up to, BYN"))
    limit = blocks.IntegerBlock(default=8, min_value=1, max_value=24, label=_("How many cars"))

    class Meta:
        icon = "list-ul"
        label = _("New cars")

    def document_value(self, value: Any) -> dict[str, Any]:
        names = ("make", "body", "fuel", "condition", "price_max")
        rule = {name: value[name] for name in names if value.get(name)}
        return {
            "title": value["title"],
            "text": value["text"] or "",
            "rule": rule | {"sale_state": [str(state) for state in FOR_SALE], "limit": value["limit"]},
            "link_path": "/catalog" + (f"?{urlencode(rule)}" if rule else ""),
        }


class MakesBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120, label=_("Title"))

    class Meta:
        icon = "tag"
        label = _("Makes with numbers of cars")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {"title": value["title"]}


class AdvantagesBlock(blocks.StructBlock):
    title = blocks.CharBlock(required=False, max_length=120, label=_("Title"))
    items = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("icon", blocks.ChoiceBlock(choices=ICONS, default="check", label=_("Icon"))),
                ("title", blocks.CharBlock(max_length=80, label=_("Title"))),
                ("text", blocks.TextBlock(required=False, max_length=300, rows=2, label=_("Text"))),
            ]
        ),
        min_num=1,
        max_num=8,
        label=_("Advantages"),
    )

    class Meta:
        icon = "tick-inverse"
        label = _("Advantages")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {
            "title": value["title"] or "",
            "items": [
                {"icon": item["icon"], "title": item["title"], "text": item["text"] or ""} for item in value["items"]
            ],
        }


class FiguresBlock(blocks.StructBlock):
    items = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("value", blocks.CharBlock(max_length=20, label=_("Figure"), help_text=_("For example 1 200+"))),
                ("label", blocks.CharBlock(max_length=80, label=_("What it counts"))),
            ]
        ),
        min_num=1,
        max_num=6,
        label=_("Figures"),
    )

    class Meta:
        icon = "order"
        label = _("Figures")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {"items": [{"value": item["value"], "label": item["label"]} for item in value["items"]]}


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = _("Text")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {"html": rich_text_html(value)}


class FaqBlock(blocks.StructBlock):
    title = blocks.CharBlock(required=False, max_length=120, label=_("Title"))
    items = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("question", blocks.CharBlock(max_length=200, label=_("Question"))),
                ("answer", blocks.RichTextBlock(features=SHORT_TEXT_FEATURES, label=_("Answer"))),
            ]
        ),
        min_num=1,
        label=_("Questions"),
    )

    class Meta:
        icon = "help"
        label = _("Questions and answers")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {
            "title": value["title"] or "",
            "items": [
                {"question": item["question"], "answer_html": rich_text_html(item["answer"])} for item in value["items"]
            ],
        }


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120, label=_("Title"))
    text = blocks.TextBlock(required=False, max_length=400, rows=2, label=_("Text"))
    button_text = blocks.CharBlock(max_length=40, label=_("Words on the button"))
    button = LinkBlock(label=_("The button leads to"))

    class Meta:
        icon = "pick"
        label = _("Call to action")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {
            "title": value["title"],
            "text": value["text"] or "",
            "button_text": value["button_text"],
            "button_path": LinkBlock.path_of(value["button"]),
        }


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Picture"))
    caption = blocks.CharBlock(required=False, max_length=200, label=_("Caption"))

    class Meta:
        icon = "image"
        label = _("Picture")

    def document_value(self, value: Any) -> dict[str, Any]:
        caption = value["caption"] or ""
        return {"photo": photo_document(value["image"], alt=caption) if value["image"] else None, "caption": caption}


class PostsBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120, label=_("Title"))
    category = blocks.ChoiceBlock(choices=category_choices, required=False, label=_("Only this category"))
    limit = blocks.IntegerBlock(default=3, min_value=1, max_value=12, label=_("How many posts"))

    class Meta:
        icon = "doc-full"
        label = _("New blog posts")

    def document_value(self, value: Any) -> dict[str, Any]:
        return {"title": value["title"], "rule": {"category": value.get("category") or "", "limit": value["limit"]}}


content_blocks = [
    ("rich_text", TextBlock(features=TEXT_FEATURES)),
    ("image", PictureBlock()),
    ("faq", FaqBlock()),
    ("advantages", AdvantagesBlock()),
    ("figures", FiguresBlock()),
    ("call_to_action", CallToActionBlock()),
    ("cars", CarsBlock()),
    ("posts", PostsBlock()),
]
home_blocks = [("hero", HeroBlock()), ("makes", MakesBlock()), *content_blocks]


def stream_document(stream: StreamValue) -> list[dict[str, Any]]:
    """The blocks of a page as JSON. A block whose type has left the code is left out, as Wagtail does."""
    return [
        {"type": child.block_type, "value": child.block.document_value(child.value), "id": child.id} for child in stream
    ]
