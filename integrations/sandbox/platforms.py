"""Every imitated platform. A new one is a class in its own file and a line here."""

from .avito import Avito
from .facebook import Facebook
from .feed_reader import FeedReader
from .instagram import Instagram
from .meta_catalogue import MetaCatalogue
from .national_bank import NationalBank
from .platform import Platform
from .telegram import Telegram
from .vk import Vk

PLATFORMS: tuple[type[Platform], ...] = (
    Telegram,
    Instagram,
    Facebook,
    MetaCatalogue,
    Avito,
    FeedReader,
    NationalBank,
    Vk,
)
