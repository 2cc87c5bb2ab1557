"""Weekly reports: what it costs to make and queue those of an installation on one Monday, and that memory is flat."""

import tempfile

from engines import run_child
from results import Results

_REPORTS, _SUBJECTS = 1_000, 50
_LIMIT_S = 120
_FLAT = 1.1


def measure_reports(results: Results, address: str) -> None:  # noqa: ARG001
    with tempfile.TemporaryDirectory() as folder:
        told = run_child("report_store.py", folder, customers=_REPORTS)
        found = run_child("report_process.py", folder)
    complete = found["made"] == found["pending"] == _REPORTS
    results.add(
        f"{_REPORTS:,} weekly reports of {_SUBJECTS} subjects, rendered and queued: at most {_LIMIT_S} CPU seconds",
        f"{found['cpu_s']:.1f} s ({found['pending']:,} of {_REPORTS:,} in the outbox, in four languages)",
        complete and found["cpu_s"] <= _LIMIT_S,
    )
    grown = found["most_kib"] / found["warm_kib"]
    results.add(
        f"memory flat over them: at the end at most {_FLAT} times that after a hundred",
        f"{grown:.2f} times ({found['warm_kib'] / 1024:.0f} MiB, then {found['most_kib'] / 1024:.0f} MiB)",
        grown <= _FLAT,
    )
    rendering, composing = (found[part] / found["cpu_s"] for part in ("rendering_s", "composing_s"))
    hundreds = found["hundreds_s"]
    results.say(
        f"A weekly report takes {found['cpu_s'] * 1000 / _REPORTS:.0f} ms CPU: {rendering:.0%} of it in words and HTML "
        f"({found['html_octets'] / 1024:.0f} KB), {composing:.0%} in the message, the rest in loading, judging and "
        f"storing. The last hundred cost {hundreds[-1] / hundreds[1]:.2f} times what the second hundred did."
    )
    results.say(
        f"They tell of {told['listings']:,} listings, {told['blocks']:,} blocks with {told['drafts']:,} requests, and "
        f"{told['warmups']:,} warm-ups; what was loaded once for all of a time zone is in these seconds."
    )
