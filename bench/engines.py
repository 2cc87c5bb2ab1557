"""Runs one engine on the job, each in a process of its own, and says what it took."""

import json
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import job
from servers import find

_WINDOW = 100  # rbldnsd's buffer holds some 170 questions


@dataclass(frozen=True)
class Run:
    """`unanswered`: by list."""

    lookups: int
    wall_s: float
    user_s: float
    system_s: float
    peak_mib: float
    wrong: int
    unanswered: tuple[int, ...]

    @property
    def cpu_s(self) -> float:
        return self.user_s + self.system_s

    @property
    def per_cpu_s(self) -> float:
        """Look-ups that were answered."""
        return (self.lookups - sum(self.unanswered)) / self.cpu_s

    @property
    def cpu_us(self) -> float:
        return 1e6 / self.per_cpu_s


def run_engine(name: str, address: str, **options: int) -> Run:
    """`options` as `engine_process` takes them."""
    found = run_child("engine_process.py", name, address, **options)
    return Run(**{**found, "unanswered": tuple(found["unanswered"])})


def run_child(program: str, *positional: str, **options: int) -> dict:
    """A program of this folder that prints JSON. Raises CalledProcessError when it fails; what it said is on stderr."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    path = Path(__file__).with_name(program)
    printed = subprocess.run([sys.executable, str(path), *positional, *given], check=True, stdout=subprocess.PIPE)
    return json.loads(printed.stdout)


def run_dnsperf(address: str, names: Path) -> Run:
    """Its start is in its figures: it is small."""
    host, port = address.rsplit(":", 1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(find("dnsperf")), "-s", host, "-p", port, "-d", str(names), "-n", "1", "-T", "1", "-c", "4"]
    done = subprocess.run([*command, "-q", str(_WINDOW)], check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sent, answered = (int(_figure(f"Queries {what}", done.stdout)) for what in ("sent", "completed"))
    listed = sum(job.is_listed(subject, zone) for subject in range(job.SUBJECTS) for zone in range(job.LISTS))
    return Run(
        lookups=sent,
        wall_s=_figure(r"Run time \(s\)", done.stdout),
        user_s=after.ru_utime - before.ru_utime,
        system_s=after.ru_stime - before.ru_stime,
        peak_mib=0,
        wrong=abs(listed - int(_figure("NOERROR", done.stdout, " "))) if sent == answered else 0,
        unanswered=(sent - answered,),
    )


def _figure(name: str, text: str, between: str = r":\s+") -> float:
    found = re.search(f"{name}{between}([0-9.]+)", text)
    if found is None:
        raise ValueError(f"dnsperf printed no figure for {name!r}")
    return float(found[1])
