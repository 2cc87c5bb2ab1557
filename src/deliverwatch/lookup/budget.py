"""Waits for its turn where a list's operator bears only so many questions in a second.

The engine counts its own datagrams (`pacing`); this is for whatever else asks the same list meanwhile: the second look,
and a question over TCP.
"""

import asyncio
from collections.abc import Callable

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.lookup.pacing import Bucket

BucketOf = Callable[[Blocklist], Bucket | None]


async def wait_for_turn(bucket: Bucket | None) -> None:
    """Returns when one question may be sent, and has counted it."""
    if bucket is None:
        return
    loop = asyncio.get_running_loop()
    while wait_s := bucket.wait_s(loop.time()):  # noqa: ASYNC110 - time fills a bucket, and others empty it again
        await asyncio.sleep(wait_s)
    bucket.take(loop.time())
