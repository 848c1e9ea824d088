"""The listing's edit page, from top to bottom."""

from typing import Any

from django.forms import CheckboxSelectMultiple, Select
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, MultipleChooserPanel, ObjectList, Panel

from listings.completeness import completeness
from listings.moderation.checks import checks_with_market
from listings.moderation.home import returned_task

from .forms import ListingForm
from .photo_tools import PhotoToolsPanel
from .price_history import PriceHistoryPanel
from .widgets import DependentSelect, EquipmentSelect

MAX_PHOTOS = 40
TRIM_FILLS = {"data-fills": reverse_lazy("listing_trim", args=[0])}
"""listing-form.js asks there what the chosen trim knows of the car."""


class PlacesPanel(Panel):
    """Where the car can be seen: the site and every channel. Follows by itself while the page is open."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "listings/admin/places_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["places_url"] = reverse("listing_places", args=[self.instance.pk])
            return context


class ModerationPanel(Panel):
    """What a moderator has written, what the checks found and what to add: before the car is submitted."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "listings/moderation/panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            found, market = checks_with_market(self.instance, self.request.user)
            return context | {
                "listing": self.instance,
                "returned": returned_task(self.instance),
                "checks": found,
                "market": market,
                "completeness": completeness(self.instance),
            }


class PhotosPanel(MultipleChooserPanel):
    """Wagtail's photo chooser, and a field onto which several files can be dropped at once."""

    class BoundPanel(MultipleChooserPanel.BoundPanel):
        template_name = "listings/admin/photos_panel.html"
        # The template sets up the panel. Wagtail's adapter of this panel would do so once more (it drops the flag that
        # says not to), and every press of "move down" would move a photo twice; its parent's adapter does not.
        telepath_adapter_name = "wagtail.panels.InlinePanel"


edit_handler = ObjectList(
    [
        PlacesPanel(heading=_("Where it can be seen")),
        ModerationPanel(heading=_("Before it is checked")),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [
                        FieldPanel("make", widget=Select),
                        FieldPanel("model", widget=DependentSelect(parent="make")),
                        FieldPanel("year"),
                    ]
                ),
                FieldRowPanel(
                    [
                        FieldPanel("generation", widget=DependentSelect(parent="model")),
                        FieldPanel("trim", widget=DependentSelect(parent="generation", attrs=TRIM_FILLS)),
                        FieldPanel("vin"),
                    ]
                ),
                FieldRowPanel([FieldPanel("condition"), FieldPanel("mileage_km"), FieldPanel("owners")]),
                FieldRowPanel([FieldPanel("body"), FieldPanel("color")]),
            ],
            heading=_("Car"),
        ),
        PhotosPanel(
            "photos",
            panels=[FieldPanel("image"), PhotoToolsPanel()],
            chooser_field_name="image",
            label=_("Photo"),
            heading=_("Photos"),
            max_num=MAX_PHOTOS,
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("price"), FieldPanel("currency"), FieldPanel("old_price")]),
                FieldRowPanel([FieldPanel("vat"), FieldPanel("exchange"), FieldPanel("leasing")]),
                FieldPanel("payment_types", widget=CheckboxSelectMultiple),
            ],
            heading=_("Price and terms"),
        ),
        PriceHistoryPanel(heading=_("Price history")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("fuel"), FieldPanel("engine_cc"), FieldPanel("power_hp")]),
                FieldRowPanel([FieldPanel("gearbox"), FieldPanel("drive")]),
                FieldRowPanel([FieldPanel("battery_kwh"), FieldPanel("range_km")]),
            ],
            heading=_("Engine and transmission"),
        ),
        MultiFieldPanel([FieldPanel("equipment", widget=EquipmentSelect)], heading=_("Equipment")),
        MultiFieldPanel([FieldPanel("text"), FieldPanel("video_url")], heading=_("Description")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("dealer", widget=Select), FieldPanel("agent", widget=Select)]),
                FieldPanel("city", widget=Select),
                FieldRowPanel([FieldPanel("contact_name"), FieldPanel("contact_phone")]),
                FieldRowPanel([FieldPanel("registration_country"), FieldPanel("customs_cleared")]),
            ],
            heading=_("Where it stands"),
        ),
        MultiFieldPanel(
            [FieldPanel("title"), FieldRowPanel([FieldPanel("stock_number"), FieldPanel("external_id")])],
            heading=_("For the office"),
            classname="collapsed",
        ),
    ],
    base_form_class=ListingForm,
)
