"""What was measured against what was promised, and the page that says so."""

import os
import platform
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

_QUIET_RATIO = 0.1
PAGE = Path(__file__).with_name("results.md")


@dataclass(frozen=True)
class Row:
    """`met` None: it could not be measured."""

    goal: str
    measured: str
    met: bool | None


@dataclass
class Results:
    """`busy`: the machine had other work when it began. CPU time is still told from it, time on the wall is not."""

    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    busy: bool = field(default_factory=lambda: busy_ratio() > _QUIET_RATIO)

    def in_time(self, met: bool) -> bool | None:
        """What was quick enough on a busy machine is; what was not may be the others' doing."""
        return True if met else None if self.busy else False

    def add(self, goal: str, measured: str, met: bool | None) -> None:
        self.rows.append(Row(goal, measured, met))
        print(f"  {goal}: {measured} ({_word(met)})", flush=True)

    def say(self, remark: str) -> None:
        self.remarks.append(remark)
        print(f"  {remark}", flush=True)

    @property
    def missed(self) -> int:
        return sum(row.met is not True for row in self.rows)

    def write(self, today: date) -> None:
        lines = [
            "# What `make bench` measured",
            "",
            f"Written by `make bench` on {today}, on {machine()}.",
            "Ratios between what ran in turn, in one run and against the same rbldnsd, are what to carry over; seconds",
            "belong to this machine, whose cores client, proxy and server shared.",
            *([_BUSY] if self.busy else []),
            "",
            "| goal | measured | met |",
            "|---|---|---|",
            *map(_line, self.rows),
            "",
            "## Where the time goes",
            "",
            *(f"- {remark}" for remark in self.remarks),
            "",
        ]
        PAGE.write_text("\n".join(lines), encoding="utf-8")

    def renew(self) -> None:
        """Writes these rows and remarks into the page that is there, over those of the same goal and beginning."""
        lines = PAGE.read_text(encoding="utf-8").splitlines()
        for row in self.rows:
            _put(lines, f"| {row.goal} |", _line(row), "| ")
        for remark in self.remarks:
            _put(lines, f"- {remark.partition(':')[0]}:", f"- {remark}", "- ")
        PAGE.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _line(row: Row) -> str:
    return f"| {row.goal} | {row.measured} | {_word(row.met)} |"


def _put(lines: list[str], beginning: str, line: str, kind: str) -> None:
    """Over the one that begins so; else behind the last of its kind."""
    of_kind = [place for place, each in enumerate(lines) if each.startswith(kind)]
    place = next((place for place in of_kind if lines[place].startswith(beginning)), None)
    if place is None:
        lines.insert(of_kind[-1] + 1, line)
    else:
        lines[place] = line


_BUSY = "**The machine had other work meanwhile: goals in seconds could not all be judged. Run it on a quiet one.**"


def busy_ratio() -> float:
    """How much of all cores' time others used in the last two seconds (proc(5), /proc/stat)."""
    before = _jiffies()
    time.sleep(2)
    idle, total = (now - then for now, then in zip(_jiffies(), before, strict=True))
    return 1 - idle / total


def _jiffies() -> tuple[int, int]:
    """Idle, waiting for the disk included, and all."""
    spent = [int(figure) for figure in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return spent[3] + spent[4], sum(spent)


def machine() -> str:
    """In words, without names."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory_gib:.0f} GiB of memory, {system}"


def _word(met: bool | None) -> str:
    return "not measured" if met is None else "yes" if met else "**no**"
