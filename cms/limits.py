"""How often one sender may do something. Counted in the cache that all processes share; without it everybody may."""

import logging

import redis
from django.core.cache import caches

logger = logging.getLogger(__name__)


def too_often(name: str, sender: str, limits: tuple[tuple[int, int], ...]) -> int:
    """Counts one more time. 0, or for how many seconds the sender has used up one of the limits.

    `limits`: seconds, and how many times in them.
    """
    try:
        for seconds, limit in limits:
            if _count(f"{name}:{seconds}:{sender}", seconds) > limit:
                return seconds
    except (redis.RedisError, OSError) as error:
        logger.warning("The counter of %s is away, nobody is limited: %s", name, type(error).__name__)
    return 0


def _count(key: str, seconds: int) -> int:
    cache = caches["shared"]
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:
        # It expired between the two calls: a new window has begun.
        return 1
