"""How often one address may write."""

import hashlib
import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest

from cms.limits import too_often

LIMITS = ((10 * 60, 5), (24 * 3600, 30))
"""Seconds and how many enquiries in them. An office behind one address may send a few; a robot may not send more."""


OUR_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Where our proxies stand. Python's own `is_private` has more in it, such as addresses of examples."""


def too_many(request: HttpRequest) -> bool:
    """Counts this request. True if its sender has used up one of the limits.

    While the counter is away nobody is limited: a lost customer costs more than some spam.
    """
    return bool(too_often("leads", _sender(client_ip(request)), LIMITS))


def client_ip(request: HttpRequest) -> str:
    """The visitor's address. What a proxy of ours has written last is believed, nothing before it."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()
    return forwarded if _is_ours(direct) and _is_address(forwarded) else direct


def _sender(address: str) -> str:
    """Addresses are personal data: only a keyed hash of them is kept. IPv6 is counted by /64, one household."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        parsed = None
    if parsed is not None and parsed.version == 6:
        address = str(ipaddress.ip_network((parsed, 64), strict=False))
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_ours(value: str) -> bool:
    return _is_address(value) and any(ipaddress.ip_address(value) in network for network in OUR_NETWORKS)
