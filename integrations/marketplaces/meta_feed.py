"""Meta's vehicle catalogue, fed by a CSV file that Meta fetches by schedule: no app and no token are needed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from .base import Account, Capabilities, ChannelSettings, Shown
from .feed import CURRENCIES, Currency, FeedAdapter, FeedFile, FeedPayload, NoCredentials
from .feed_markup import csv_line
from .meta_vehicle import META_COLUMNS, REQUIRED, vehicle_row
from .registry import register


class MetaFeedSettings(ChannelSettings):
    currency: Annotated[Currency, Shown(_("Currency of prices"), "", CURRENCIES)] = "BYN"


@register("meta_feed")
class MetaFeedAdapter(FeedAdapter[MetaFeedSettings, NoCredentials]):
    label = _("Meta catalogue (file)")
    about = _(
        "Meta fetches a file of your cars by schedule, for its catalogue and advertising on Facebook and Instagram. "
        "Enter the file's address in Commerce Manager as a scheduled data feed of a vehicle catalogue."
    )
    capabilities = Capabilities(can_update=True, can_withdraw=True, can_look_up=True, delivery="feed")
    Settings = MetaFeedSettings
    file = FeedFile("meta.csv", "csv", id="vehicle_id", required=tuple(REQUIRED), images="image[0].url")

    def frame(self, settings: MetaFeedSettings, site_url: str, changed_at: datetime) -> tuple[str, str]:
        return f"{csv_line(META_COLUMNS)}{self.file.line_end}", ""

    def entry(self, document: Mapping[str, Any], account: Account[MetaFeedSettings, NoCredentials]) -> FeedPayload:
        row = vehicle_row(document, account.site_url, account.settings.currency)
        images = sum(1 for column, value in row.items() if column.startswith("image[") and value)
        line = csv_line([row[column] for column in META_COLUMNS])
        return FeedPayload(id=document["uuid"], entry=line, images=images)
