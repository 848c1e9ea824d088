"""Partner feeds of Belarusian platforms: no public format of theirs is known, so a file in the auto.ru dialect is
offered, which their import tools may read by agreement. The ad's own page tells whether it is there.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from pydantic import HttpUrl

from . import public_page
from .autoru_dialect import AutoruDialect
from .base import Account, Capabilities, ChannelSettings, Seen, Shown
from .feed import CURRENCIES, Currency, NoCredentials

BY_AGREEMENT = _(
    "No public format of this platform is known. We offer a file in the format of auto.ru, which other platforms read "
    "as well: agree with the platform's support that it fetches the file. Whether an ad is up is read from its public "
    "page, once somebody has entered the ad's address."
)


Site = Annotated[HttpUrl, Shown(_("Address of the platform's site"), _("Ads are looked for only on this site."))]


class PartnerSettings(ChannelSettings):
    currency: Annotated[Currency, Shown(_("Currency of prices"), _("As agreed with the platform."), CURRENCIES)] = "BYN"
    site: Site


class PartnerAdapter(AutoruDialect[PartnerSettings, NoCredentials]):
    about = BY_AGREEMENT
    capabilities: ClassVar[Capabilities] = Capabilities(
        can_update=True, can_withdraw=True, can_look_up=True, can_inspect=True, delivery="feed"
    )
    Settings = PartnerSettings

    def accepts_address(self, address: str, settings: PartnerSettings) -> bool:
        return super().accepts_address(address, settings) and _home(address) == _home(str(settings.site))

    def inspect(self, external: Mapping[str, Any], account: Account[PartnerSettings, NoCredentials]) -> Seen:
        address = str(external.get("address", ""))
        if not address or not self.accepts_address(address, account.settings):
            return Seen("unknown", _("Nobody has entered the ad's address on the platform yet."))
        account.ensure_time()
        return public_page.look(address)


def partner_settings(site: str) -> type[PartnerSettings]:
    """The same fields, with the platform's site filled in."""
    home = HttpUrl(site)

    class Settings(PartnerSettings):
        site: Site = home

    return Settings


def _home(address: str) -> tuple[str, int | None]:
    """Ads of auto.kufar.by and www.kufar.by are of one platform."""
    parts = urlsplit(address)
    return ".".join((parts.hostname or "").split(".")[-2:]), parts.port
