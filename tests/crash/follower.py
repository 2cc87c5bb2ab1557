"""Followers of a log, each in a process of its own that the test kills, without starting an interpreter for each.

python follower.py STORE_URL LOG: for each line of standard input another one is started, and its process id told. It
ends with its standard input.
"""

import asyncio
import os
import sys
import traceback
from pathlib import Path

from deliverwatch.clock import SystemClock
from deliverwatch.flows import chunk, file_reading
from deliverwatch.flows.follow import LogFollower
from deliverwatch.store import open_store
from flows.line_source import DESK, LINES

chunk.ITEMS_A_COMMIT = 20  # many commits, so that most kills come between two of them
file_reading.BLOCK = 1 << 9


async def follow(url: str, path: str) -> None:
    follower = LogFollower(open_store(url), DESK, LINES, Path(path), SystemClock())
    while True:
        await follower.catch_up()
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(follow(*sys.argv[1:]))
            finally:
                traceback.print_exc()
                os._exit(1)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)
