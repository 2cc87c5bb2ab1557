"""Warm-ups: what it costs to judge their days, and that one more day costs one day's work."""

from engines import run_child
from results import Results

_IPS, _DAYS, _PROVIDERS = 10_000, 60, 8
_PART = 20  # one in so many is measured
_LIMIT_S = 60
_NO_DEARER = 1.5


def measure_warmups(results: Results, address: str) -> None:  # noqa: ARG001
    found = run_child("warmup_process.py", ips=_IPS // _PART, days=_DAYS, providers=_PROVIDERS)
    folded_s, cut_s = (found[part] * _IPS * _DAYS for part in ("fold_s", "cut_s"))
    results.add(
        f"folding 10,000 warm-ups x 60 days x 8 mailbox providers: at most {_LIMIT_S} CPU seconds",
        f"{folded_s:.1f} s ({found['fold_s'] * 1e6:.0f} us a day; {_IPS // _PART} warm-ups measured, times {_PART})",
        folded_s <= _LIMIT_S,
    )
    results.add(
        f"one more day of a warm-up costs one day's work: day 60 at most {_NO_DEARER} times day 1",
        f"{found['last_s'] / found['first_s']:.2f} times (on day 1 nothing is held, and nobody catches up)",
        found["last_s"] <= _NO_DEARER * found["first_s"],
    )
    results.say(
        f"Cutting the facts of 10,000 warm-ups into 60 days takes {cut_s:.0f} s CPU besides, where each has "
        f"{found['facts']} facts a day ({found['cut_s'] * 1e6:.0f} us a day; {found['cut_ips']} warm-ups measured)."
    )
    results.say(
        f"Of the days folded {found['held_ratio']:.0%} were held and {found['advanced_ratio']:.0%} advanced; "
        f"{found['ended']} of the warm-ups came to an end."
    )
