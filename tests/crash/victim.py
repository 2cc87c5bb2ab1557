"""The daemon under test, in a process of its own that the test kills: production's code on a fast clock.

python victim.py CONFIG STARTED_AT_REAL STARTED_AT_WORLD SPEED: the world's time follows from the machine's, so that it
goes on where the last victim was killed.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from deliverwatch.app import Policy
from deliverwatch.core.alerting import RetryPolicy
from deliverwatch.daemon import Pace
from deliverwatch.sandbox.clock import FastClock
from deliverwatch.serve import only_daemon, serve, set_up_logs
from deliverwatch.settings import load_settings


async def main(config: str, real: str, world: str, speed: str) -> None:
    passed = datetime.now(datetime.fromisoformat(real).tzinfo) - datetime.fromisoformat(real)
    clock = FastClock(datetime.fromisoformat(world) + passed * float(speed), float(speed))
    policy = Policy(
        retry=RetryPolicy(
            delays=(timedelta(minutes=30),), give_up_after=timedelta(days=60), lease_for=timedelta(days=2)
        ),
        slot_lease_for=timedelta(days=2),
    )
    pace = Pace(tick_for=timedelta(milliseconds=30), lists_at_once=10)
    async with only_daemon(load_settings(Path(config), {}), clock, policy) as app:
        await serve(app, pace)


if __name__ == "__main__":
    set_up_logs(sys.stdout)
    asyncio.run(main(*sys.argv[1:]))
