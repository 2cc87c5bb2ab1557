"""Our own addresses matched against a downloaded list of a million networks, in a process of its own. Prints JSON."""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import job
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import FeedFormat, query_label
from deliverwatch.core.subjects import Subject
from deliverwatch.feeds.scan import Scan, scan
from memory import memory_kib

_NETWORKS = 1_000_000
_RANGE_IN = 7  # one in so many is a /24, the others are addresses
_TURNS = 3


def main() -> None:
    asked = {subject: query_label(subject.kind, subject.value) for subject in job.subjects()}
    listed = {subject for number, subject in enumerate(asked) if job.is_listed(number, 0)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_text(":127.0.0.2:listed\n192.0.2.1\n")
        _timed_scan(path, asked)  # what a first scan brings into memory is not the list
        with path.open("w") as out:
            out.writelines(f"{line}\n" for line in _lines(listed))
        before_kib = memory_kib("VmRSS")
        seconds, wrong = [], 0
        for _ in range(_TURNS):
            took_s, found = _timed_scan(path, asked)
            seconds.append(took_s)
            wrong += len(set(found.listed) ^ listed)
        kept_kib, most_kib = memory_kib("VmRSS") - before_kib, memory_kib("VmHWM") - before_kib
    print(json.dumps({"seconds": median(seconds), "wrong": wrong, "kept_kib": kept_kib, "most_kib": most_kib}))


def _timed_scan(path: Path, asked: dict[Subject, str]) -> tuple[float, Scan]:
    now, began = SystemClock().now(), time.perf_counter()
    found = scan(path, FeedFormat.IP4SET, asked, now)
    return time.perf_counter() - began, found


def _lines(listed: set[Subject]) -> Iterator[str]:
    """The others lie all over the space, and none of them on us."""
    yield ":127.0.0.2:listed"
    yield from (subject.value for subject in listed)
    for number in range(_NETWORKS - len(listed)):
        spread = number * 2_654_435_761 % 2**32
        first, second, third, last = 1 + spread % 99, spread >> 24, spread >> 16 & 255, spread >> 8 & 255
        yield f"{first}.{second}.{third}.0/24" if number % _RANGE_IN == 0 else f"{first}.{second}.{third}.{last}"


if __name__ == "__main__":
    main()
