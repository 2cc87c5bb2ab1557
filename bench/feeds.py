"""Downloaded lists: matched by streaming them past our own addresses."""

from engines import run_child
from results import Results


def measure_feeds(results: Results, address: str) -> None:  # noqa: ARG001
    found = run_child("feed_process.py")
    results.add(
        "5,000 own addresses against a list of a million networks: under 1 s",
        f"{found['seconds']:.2f} s, {found['wrong']} wrong",
        results.in_time(found["seconds"] < 1) if not found["wrong"] else False,
    )
    results.add(
        "nothing of that list kept in memory",
        f"{found['kept_kib'] / 1024:.1f} MiB more than before, {found['most_kib'] / 1024:.1f} MiB at the most",
        found["kept_kib"] < 1024,
    )
