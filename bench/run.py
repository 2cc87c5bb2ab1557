"""The benchmarks: every goal as a ratio measured in this run, against the same real rbldnsd on loopback.

Prints what it finds, writes `results.md` beside it, and ends with 0 even where a goal is missed, having said so.
"""

import sys
from datetime import datetime

import desk
import feeds
import ingest
import lookups
import replies
import reports
import rounds
import warmups
from results import Results
from servers import find, rbldnsd

_MEASURES = (
    lookups.measure_cost,
    lookups.measure_crowding,
    lookups.measure_bad_network,
    lookups.measure_slow_list,
    lookups.measure_memory,
    rounds.measure_rounds,
    feeds.measure_feeds,
    replies.measure_replies,
    ingest.measure_ingest,
    warmups.measure_warmups,
    reports.measure_reports,
    desk.measure_desk,
)


def main() -> str | None:
    """What is missing, if anything."""
    if find("rbldnsd") is None:
        return "rbldnsd is not here: install the Debian packages rbldnsd and dnsperf"
    results = Results()
    with rbldnsd() as address:
        for measure in _MEASURES:
            print(f"{measure.__name__.replace('_', ' ')} ...", flush=True)
            measure(results, address)
    results.write(datetime.now().astimezone().date())
    print(f"bench/results.md is written; goals not met: {results.missed}")
    return None


if __name__ == "__main__":
    sys.exit(main())
