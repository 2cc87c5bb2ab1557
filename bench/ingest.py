"""Sending data: how many records are read, counted and stored per CPU second, and that more take no more memory."""

from engines import run_child
from results import Results

_FORMATS = {"powermta": "PowerMTA CSV", "kumomta": "KumoMTA JSON", "sparkpost": "SparkPost batches"}
_RECORDS = {"powermta": 1_000_000, "kumomta": 500_000, "sparkpost": 500_000}
_LEAST_PER_CPU_S = 50_000
_FLAT = 1.1


def measure_ingest(results: Results, address: str) -> None:  # noqa: ARG001
    for name, title in _FORMATS.items():
        count = _RECORDS[name]
        found = run_child("ingest_process.py", name, records=count)
        complete = found["accepted"] == count
        results.add(
            f"{title}, as `ingest` reads and stores it: at least 50,000 records per CPU second",
            f"{found['per_cpu_s']:,.0f} ({found['accepted']:,} of {count:,} accepted)",
            complete and found["per_cpu_s"] >= _LEAST_PER_CPU_S,
        )
        results.say(f"{title}: judging what was read took {found['judged_s']:.1f} s more, once.")
        grown = found["most_kib"] / found["warm_kib"]
        results.add(
            f"memory flat over {count:,} records of {title}: at the end at most {_FLAT} times that after a fifth",
            f"{grown:.2f} times ({found['warm_kib'] / 1024:.0f} MiB, then {found['most_kib'] / 1024:.0f} MiB; "
            f"{found['empty_kib'] / 1024:.0f} MiB before the first record)",
            grown <= _FLAT,
        )
