"""Look-ups alone: what they cost beside other engines, on a bad network, on a slow list, and in memory."""

import tempfile
from pathlib import Path
from statistics import median

import job
from deliverwatch.daemon import Pace
from engines import Run, run_dnsperf, run_engine
from results import Results
from servers import fault_proxy, find

_ROUNDS = 3
_FEW_SUBJECTS = 1_000  # for engines that take their time
_SLOW_SUBJECTS = 1_000
_DEAD = 7
_WAY = {"delay_ms": 25, "jitter_ms": 10}
_LOST_IN_A_HUNDRED_ROUND_TRIPS = 0.005  # each way


def measure_cost(results: Results, address: str) -> None:
    """In turns, one list after another: rbldnsd's buffer is small, and nobody shall lose by overrunning it."""
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names"
        job.write_names(names)
        dnsperf = find("dnsperf") is not None
        turns = [
            (
                run_engine("bulk", address),
                run_engine("aiodns", address, subjects=_FEW_SUBJECTS),
                run_dnsperf(address, names) if dnsperf else None,
            )
            for _ in range(_ROUNDS)
        ]
    bulk, others, masters = zip(*turns, strict=True)
    by_aiodns = median(ours.per_cpu_s / theirs.per_cpu_s for ours, theirs, _ in turns)
    results.add(
        "look-ups per CPU second: at least 10 times aiodns's",
        f"{by_aiodns:.1f} times ({_cost(bulk)} and {_cost(others)} CPU a look-up)",
        by_aiodns >= 10,
    )
    by_dnsperf = median(ours.per_cpu_s / theirs.per_cpu_s for ours, _, theirs in turns) if dnsperf else None
    results.add(
        "look-ups per CPU second: at least 0.8 of dnsperf's",
        "dnsperf is not installed" if by_dnsperf is None else f"{by_dnsperf:.2f} ({_cost(masters)} for dnsperf)",
        None if by_dnsperf is None else by_dnsperf >= 0.8,
    )
    wrong = sum(run.wrong for turn in turns for run in turn if run is not None)
    results.add("wrong answers: none, of any engine", f"{wrong}", wrong == 0)
    system = median(run.system_s / run.cpu_s for run in bulk)
    results.say(
        f"A look-up of our engine spends {system:.0%} of its CPU time in the kernel (one send, one receive), and the "
        "rest in Python."
    )


def measure_crowding(results: Results, address: str) -> None:
    """Lists that share a server share its buffer, and know nothing of each other."""
    for lists in (Pace().lists_at_once, job.LISTS):
        run = run_engine("bulk", address, at_once=lists)
        results.say(
            f"{lists} lists at once straight at one rbldnsd, whose buffer holds some 170 questions: "
            f"{sum(run.unanswered):,} of {run.lookups:,} look-ups without an answer, {run.wrong} wrong, in "
            f"{run.wall_s:.1f} s."
        )


def measure_bad_network(results: Results, address: str) -> None:
    """All lists at once, 30 ms away."""
    lossy = {**_WAY, "loss_ratio": _LOST_IN_A_HUNDRED_ROUND_TRIPS, "dead_zone": job.zone_name(_DEAD)}
    lossier = {**lossy, "loss_ratio": 2 * _LOST_IN_A_HUNDRED_ROUND_TRIPS}
    turns = [[_cycle("bulk", address, way) for way in (_WAY, lossy)] for _ in range(_ROUNDS)]
    clean, bad = zip(*turns, strict=True)
    worse = _cycle("bulk", address, lossier)
    ratio = median(ours.wall_s / theirs.wall_s for theirs, ours in turns)
    plain = [_cycle("plain", address, way, _FEW_SUBJECTS) for way in (_WAY, lossy)]
    results.add(
        "100,000 look-ups, 30 ms away, 1 % of the round trips lost and one list of twenty dead: at most 1.5 times as "
        "long as without",
        f"{ratio:.2f} times ({_wall(clean)} and {_wall(bad)}); plain aiodns, 20,000: "
        f"{plain[1].wall_s / plain[0].wall_s:.2f} times ({plain[0].wall_s:.1f} s and {plain[1].wall_s:.1f} s)",
        None if results.busy else ratio <= 1.5,
    )
    lost = [_unanswered_elsewhere(run) for run in bad]
    results.add(
        "look-ups without an answer outside the dead list: none", f"{lost} of 95,000 in each cycle", not any(lost)
    )
    wrong = worse.wrong + sum(run.wrong for turn in turns for run in turn)
    results.add("wrong answers there: none", f"{wrong}", wrong == 0)
    results.say(
        f"With 1 % of the datagrams lost each way, which is twice the loss, the cycle takes {worse.wall_s:.1f} s and "
        f"leaves {_unanswered_elsewhere(worse)} look-ups without an answer outside the dead list."
    )
    results.say(f"The cycles at 30 ms are bound by the cores that engine ({_cost(clean)}), proxy and rbldnsd share.")


def measure_slow_list(results: Results, address: str) -> None:
    with fault_proxy(address, delay_ms=2000) as proxy:
        slow = run_engine("bulk", proxy, lists=1, subjects=_SLOW_SUBJECTS)
    lost = sum(slow.unanswered)
    results.add(
        "no false time-out on a list that answers after two seconds",
        f"{lost} of {slow.lookups:,} ({slow.wall_s:.0f} s)",
        lost == 0,
    )


def measure_memory(results: Results, address: str) -> None:
    million = run_engine("bulk", address, subjects=job.MOST_SUBJECTS)
    results.add(
        "a million look-ups in one process: at most 150 MiB",
        f"{million.peak_mib:.0f} MiB at the most ({million.lookups:,} look-ups in {million.wall_s:.0f} s, "
        f"{sum(million.unanswered)} unanswered, {million.wrong} wrong)",
        million.peak_mib <= 150,
    )


def _cycle(engine: str, address: str, way: dict[str, object], subjects: int = job.SUBJECTS) -> Run:
    with fault_proxy(address, **way) as proxy:
        return run_engine(engine, proxy, subjects=subjects, at_once=job.LISTS)


def _unanswered_elsewhere(run: Run) -> int:
    return sum(count for zone, count in enumerate(run.unanswered) if zone != _DEAD)


def _cost(runs: tuple[Run, ...]) -> str:
    return f"{median(run.cpu_us for run in runs):.1f} us"


def _wall(runs: tuple[Run, ...]) -> str:
    return f"{median(run.wall_s for run in runs):.1f} s"
