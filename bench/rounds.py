"""Whole rounds: what they cost outside the engine, and what a watch costs in memory."""

from statistics import median

import job
from engines import run_child
from results import Results
from servers import fault_proxy

_WATCHES = job.SUBJECTS * job.LISTS


def measure_rounds(results: Results, address: str) -> None:
    """Behind the proxy, without a fault: four lists at once would overrun rbldnsd's buffer, and repeated questions are
    nothing that a round costs."""
    with fault_proxy(address) as proxy:
        found = run_child("round_process.py", proxy)
    outside = median(1 - engine / cycle for engine, cycle in found["turns"])
    engine, cycle = (median(figures) for figures in zip(*found["turns"], strict=True))
    results.add(
        "whole rounds over 5,000 IPs x 20 lists: at most half of the CPU time outside the engine",
        f"{outside:.0%} ({cycle:.2f} s CPU a cycle, {engine:.2f} s of it in the engine)",
        outside <= 0.5,
    )
    per_watch = found["grown_bytes"] / _WATCHES
    results.add("memory per watch: less than 1 KB", f"{per_watch:.0f} bytes", per_watch < 1000)
    stored, disk = (median(figures) for figures in zip(*found["stored"], strict=True))
    results.add(
        "an unchanged cycle of 100,000: stored in under 50 ms",
        f"{stored * 1000:.0f} ms in {job.LISTS} commits; the disk alone takes {disk * 1000:.0f} ms to sync as often",
        results.in_time(stored < 0.05),
    )
    results.say(
        f"The cycle that finds 2,000 listings takes {found['cycles'][0]:.1f} s CPU, the one that finds them again and "
        f"opens them {found['cycles'][1]:.1f} s. Look-ups without an answer in all cycles: {found['inconclusive']}."
    )
