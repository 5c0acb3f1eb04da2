"""How often one caller may ask: a moving window in Redis, shared by every process.

Without Redis the product goes on: reads and writes are let through, signing in is refused (`fail_closed`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute, WindowStats
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
ANSWER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window: `reset_seconds` until it is full again."""

    limit: int
    remaining: int
    reset_seconds: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        sent = {
            "RateLimit": f'"default";r={self.remaining};t={self.reset_seconds}',
            "RateLimit-Policy": f'"default";q={self.limit};w=60',
        }
        return sent if self.allowed else sent | {"Retry-After": str(max(1, self.reset_seconds))}


class RateLimiter:
    def __init__(self, redis_url: str) -> None:
        redis = Redis.from_url(redis_url, socket_connect_timeout=ANSWER_SECONDS)
        storage = RedisStorage(f"async+{redis_url}", implementation="redispy", connection_pool=redis.connection_pool)
        self._redis = redis
        self._strategy = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    async def close(self) -> None:
        await self._redis.aclose()

    async def take(self, per_minute: int, *key: str, fail_closed: bool = False) -> Allowance:
        """Count one request of `key` against `per_minute`. Redis away: allowed, unless `fail_closed`."""
        item: RateLimitItem = RateLimitItemPerMinute(per_minute)
        if time.monotonic() < self._away_until and not fail_closed:
            return Allowance(per_minute, per_minute, 0, allowed=True)
        try:
            # In a task of its own: before Python 3.13 a time-out that comes in the moment of the answer cancels the
            # task that waits, at whatever it awaits next, and that would be the request.
            allowed, left = await asyncio.wait_for(self._count(item, key), ANSWER_SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            # Ask again in two seconds, not on every request: a slow Redis must not slow the API.
            self._away_until = time.monotonic() + 2
            log.warning("rate_limit_away", error=type(error).__name__)
            return Allowance(per_minute, 0 if fail_closed else per_minute, 5, allowed=not fail_closed)
        return Allowance(per_minute, max(0, left.remaining), max(0, round(left.reset_time - time.time())), allowed)

    async def _count(self, item: RateLimitItem, key: Sequence[str]) -> tuple[bool, WindowStats]:
        allowed = await self._strategy.hit(item, *key)
        return allowed, await self._strategy.get_window_stats(item, *key)
