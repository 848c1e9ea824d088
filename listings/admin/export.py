"""The download of a list of cars, as it is filtered, searched and sorted on the screen."""

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.widgets.button import Button

from listings.exchange.export import CONTENT_TYPES, Format, export_listings

PRIORITY = 90
"""Behind Wagtail's own entries of the menu."""


class ListingExportMixin(SpreadsheetExportMixin):
    """Downloads in all formats that an import reads again, instead of Wagtail's two."""

    FORMATS = tuple(Format.values)

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> HttpResponseBase:
        fmt = Format(spreadsheet_format)
        response = StreamingHttpResponse(export_listings(queryset, fmt), content_type=CONTENT_TYPES[fmt])
        response["Content-Disposition"] = f'attachment; filename="{self.get_filename()}.{fmt}"'
        return response

    @cached_property
    def show_export_buttons(self) -> bool:
        """Wagtail's buttons give way to those below."""
        return False

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        return [
            *super().header_more_buttons,
            *(
                Button(
                    _("Download %(format)s") % {"format": fmt.label},
                    url=self.get_export_url(fmt.value),
                    icon_name="download",
                    priority=PRIORITY + number,
                )
                for number, fmt in enumerate(Format)
            ),
        ]
