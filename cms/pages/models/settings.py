"""What every page of the site shows: name, contacts, navigation, footer."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField

from cms.pages.blocks import LinkBlock
from listings.validators import normalise_phone, validate_phone

SOCIAL_KINDS = [
    ("telegram", "Telegram"),
    ("instagram", "Instagram"),
    ("tiktok", "TikTok"),
    ("youtube", "YouTube"),
    ("facebook", "Facebook"),
    ("vk", "VK"),
    ("viber", "Viber"),
    ("whatsapp", "WhatsApp"),
]


class SocialBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(choices=SOCIAL_KINDS, label=_("Network"))
    url = blocks.URLBlock(label=_("Address"), help_text=_("The full address of your page or channel."))


class NavigationBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=40, label=_("Title"))
    link = LinkBlock(label=_("Leads to"))


@register_setting(icon="cogs", order=100)
class SiteSettings(BaseSiteSetting):
    """One row per site, edited under Settings. It has no drafts: saving changes the site."""

    name = models.CharField(_("name"), max_length=80, default="Avtofamily")
    tagline = models.CharField(
        _("tagline"), max_length=160, blank=True, help_text=_("One sentence under the name: what you offer.")
    )
    phone = models.CharField(_("phone"), max_length=20, blank=True, validators=[validate_phone])
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Shown on the site. Copies of all enquiries go here as well.")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    socials = StreamField([("social", SocialBlock(label=_("Network")))], verbose_name=_("social networks"), blank=True)
    navigation = StreamField(
        [("item", NavigationBlock(label=_("Item")))],
        verbose_name=_("navigation"),
        blank=True,
        help_text=_("The menu at the top of the site. Up to seven items fit on a computer."),
    )
    footer_text = models.TextField(
        _("footer text"), blank=True, help_text=_("Legal name, registration number and other required details.")
    )

    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("tagline")], heading=_("Name")),
        MultiFieldPanel(
            [FieldPanel("phone"), FieldPanel("email"), FieldPanel("address"), FieldPanel("hours")],
            heading=_("Contacts"),
        ),
        FieldPanel("navigation"),
        FieldPanel("socials"),
        FieldPanel("footer_text"),
    ]

    class Meta:
        verbose_name = _("site settings")

    def clean(self) -> None:
        super().clean()
        self.phone = normalise_phone(self.phone)

    def navigation_items(self) -> list[dict[str, Any]]:
        """Title and link of each item as stored, without asking the database for the pages."""
        return [block["value"] for block in self.navigation.raw_data]

    def social_items(self) -> list[dict[str, str]]:
        return [{"kind": block["value"]["kind"], "url": block["value"]["url"]} for block in self.socials.raw_data]
