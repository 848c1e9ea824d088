"""Limits of a channel's account, counted in Redis, because all workers together must keep them."""

import hashlib
import logging
from functools import cache

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

MINUTE, HOUR = 60, 3600
"""Seconds: the windows that limits are counted in."""
CONNECT_TIMEOUT = 2
"""Seconds. Redis is next door."""

# A sliding window: exact, because platforms count exactly. Redis' own clock is the one that all workers share.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pause = redis.call('PTTL', KEYS[2])
if pause > 0 then return pause end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
local limit, cost = tonumber(ARGV[1]), math.min(tonumber(ARGV[2]), tonumber(ARGV[1]))
local over = redis.call('ZCARD', KEYS[1]) + cost - limit
if over > 0 then
    local freed = redis.call('ZRANGE', KEYS[1], over - 1, over - 1, 'WITHSCORES')
    return math.max(1, tonumber(freed[2]) + ARGV[3] - now)
end
for index = 1, cost do
    redis.call('ZADD', KEYS[1], now, now .. ':' .. redis.call('INCR', KEYS[1] .. ':number'))
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1] .. ':number', ARGV[3] * 2)
return 0
"""


def seconds_to_wait(account: str, *, limit: int, cost: int = 1, window: int = MINUTE) -> float:
    """Takes `cost` messages of the account's window and returns 0, or takes none and says how long to wait."""
    try:
        wait = _client().eval(TAKE, 2, *_keys(account, window), limit, cost, window * 1000)
    except redis.RedisError as error:
        # The platform counts too, and its 429 is obeyed: better to go on than to stand still.
        logger.warning("Rate limits are not counted, Redis is away: %s", type(error).__name__)
        return 0
    return float(wait) / 1000


def pause(account: str, seconds: float) -> None:
    """The platform has asked for a pause: all workers keep it."""
    try:
        _client().set(_keys(account)[1], 1, px=max(1, int(seconds * 1000)))
    except redis.RedisError as error:
        logger.warning("A pause is not shared, Redis is away: %s", type(error).__name__)


def _keys(account: str, window: int = MINUTE) -> tuple[str, str]:
    name = hashlib.sha256(account.encode()).hexdigest()[:32]
    return f"publications:{window}:{name}", f"publications:pause:{name}"


@cache
def _client() -> redis.Redis:
    address = settings.CACHES["shared"]["LOCATION"]
    return redis.Redis.from_url(str(address), socket_timeout=CONNECT_TIMEOUT, socket_connect_timeout=CONNECT_TIMEOUT)
