"""The fault proxy in a process of its own: prints its address and serves until SIGTERM."""

import argparse
import asyncio
import signal
from datetime import timedelta

from deliverwatch.sandbox.fault_proxy import FaultProxy, Faults


async def serve(upstream: str, faults: Faults) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    proxy = FaultProxy(upstream, faults)
    await proxy.start()
    print(proxy.address, flush=True)
    await over.wait()
    await proxy.stop()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("upstream")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--jitter-ms", type=float, default=0)
    parser.add_argument("--loss-ratio", type=float, default=0, help="of the datagrams, each way")
    parser.add_argument("--dead-zone", action="append", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    asyncio.run(
        serve(
            given.upstream,
            Faults(
                delay_for=timedelta(milliseconds=given.delay_ms),
                jitter_for=timedelta(milliseconds=given.jitter_ms),
                loss_there_ratio=given.loss_ratio,
                loss_back_ratio=given.loss_ratio,
                dead_zones=tuple(given.dead_zone),
            ),
        )
    )
