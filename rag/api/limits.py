"""How many requests a key may make: a bucket that holds a minute's worth and refills evenly."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_HOLDERS = 10_000  # buckets kept; the longest unused goes first, and would be full again by then


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float  # when `left` was right


class RateLimit:
    """`per_minute` requests for each holder; 0: no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, holder: str) -> float:
        """Take one request from the holder's bucket; 0.0, or the seconds until there is one."""
        if not self._size:
            return 0.0
        now, per_second = self._clock(), self._size / 60
        bucket = self._buckets.setdefault(holder, _Bucket(self._size, now))
        self._buckets.move_to_end(holder)
        if len(self._buckets) > MOST_HOLDERS:
            self._buckets.popitem(last=False)
        bucket.left = min(self._size, bucket.left + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0.0
        return (1 - bucket.left) / per_second
