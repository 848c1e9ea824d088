"""Every imitated platform. A new one is a class in its own file and a line here."""

from .avby_push import AvbyPush
from .avito import Avito
from .facebook import Facebook
from .feed_reader import FeedReader
from .instagram import Instagram
from .meta_catalogue import MetaCatalogue
from .national_bank import NationalBank
from .platform import Platform
from .telegram import Telegram
from .viber import Viber
from .vk import Vk
from .webhook_receiver import WebhookReceiver

PLATFORMS: tuple[type[Platform], ...] = (
    Telegram,
    Instagram,
    Facebook,
    MetaCatalogue,
    Avito,
    FeedReader,
    NationalBank,
    Vk,
    Viber,
    WebhookReceiver,
    AvbyPush,
)
