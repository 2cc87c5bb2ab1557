"""The weekly reports of a whole installation, made and queued in a process of its own. Prints JSON.

What is measured is what the daemon does on a Monday: loading, assembling, rendering, composing, and the commit that
puts each into the outbox. Memory is noted after the first hundred and at the end, as it was at the most until then;
CPU time too, so that what the last cost beside the first is a ratio of one run.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from deliverwatch.app import App
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.ports import Words
from deliverwatch.flows.send_reports import send_due_reports
from deliverwatch.settings import load_settings
from memory import memory_kib
from report_store import Monday

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Timed:
    """A function, and the CPU time that it took."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def of(self, work: Callable[_P, _T]) -> Callable[_P, _T]:
        def timed(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            began = time.process_time()
            try:
                return work(*args, **kwargs)
            finally:
                self.cpu_s += time.process_time() - began

        return timed


class _Progress:
    """`marks`: CPU seconds and most memory (KiB) before each hundredth report, all that was loaded for it included."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, int]] = []
        self.html_octets = 0
        self._made = 0

    def of(self, words: Callable[[WeeklyReport], Words]) -> Callable[[WeeklyReport], Words]:
        def noted(report: WeeklyReport) -> Words:
            if self._made % 100 == 0:
                self.note()
            said = words(report)
            self._made += 1
            self.html_octets += len((said.html or "").encode())
            return said

        return noted

    def note(self) -> None:
        self.marks.append((time.process_time(), memory_kib("VmHWM")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    app = App.open(load_settings(folder / "deliverwatch.toml", {}), Monday())
    print(json.dumps(asyncio.run(_send(app))))


async def _send(app: App) -> dict[str, object]:
    desk, progress, rendering, composing = app.reporting.desk, _Progress(), _Timed(), _Timed()
    await app.warmups.advance()
    words, message = progress.of(rendering.of(desk.words)), composing.of(desk.message)
    began = time.process_time()
    made = await send_due_reports(app.store, replace(desk, words=words, message=message), app.clock)
    cpu_s = time.process_time() - began
    progress.note()
    pending = (await app.store.counts())["outbox_pending"]
    await app.store.close()
    return {
        "made": made,
        "pending": pending,
        "cpu_s": cpu_s,
        "loaded_s": progress.marks[0][0] - began,
        "rendering_s": rendering.cpu_s,
        "composing_s": composing.cpu_s,
        "hundreds_s": [after[0] - before[0] for before, after in zip(progress.marks, progress.marks[1:], strict=False)],
        "warm_kib": progress.marks[1][1],
        "most_kib": progress.marks[-1][1],
        "html_octets": progress.html_octets / made,
    }


if __name__ == "__main__":
    main()
