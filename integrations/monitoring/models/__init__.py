"""What platforms tell, what they are asked, their figures, and what somebody has to be told of."""

from .alert import Alert
from .statistics import FIGURES, PublicationDay
from .watch import ChannelWatch, ChecksAreKeptError, RemoteCheck, Watch
from .webhook import IncomingWebhook

__all__ = [
    "FIGURES",
    "Alert",
    "ChannelWatch",
    "ChecksAreKeptError",
    "IncomingWebhook",
    "PublicationDay",
    "RemoteCheck",
    "Watch",
]
