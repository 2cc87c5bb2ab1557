"""Sending data of one format read into a fresh SQLite store, in a process of its own. Prints JSON.

What is measured is what `deliverwatch ingest` does once it is running: reading, counting, storing; and, apart from it
since it is done once however much was read, the judging. Memory
is noted on the way, so that its growth is a ratio of one run. `warm`: at the most after the first fifth; `most`: at the
end.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sending_data
from deliverwatch.app import App
from deliverwatch.cli.ingest import collect_garbage_rarely
from deliverwatch.clock import SystemClock
from deliverwatch.flows.chunk import IngestTotals
from deliverwatch.settings import load_settings
from memory import memory_kib

_SOURCES = {"powermta": "powermta", "kumomta": "kumomta", "sparkpost": "sparkpost-webhook"}
_BATCH = 10_000  # events of a call
_WARM = 5  # one in so many


class _DayAfter(SystemClock):
    """The data have their date."""

    def now(self) -> datetime:
        return sending_data.END


class _Progress:
    def __init__(self, count: int) -> None:
        self.totals = IngestTotals()
        self.warm_kib = 0
        self._warm_at = count // _WARM

    def told(self, totals: IngestTotals) -> None:
        """Of the file that is being read."""
        if not self.warm_kib and self.totals.read + totals.read >= self._warm_at:
            self.warm_kib = memory_kib("VmHWM")


def main() -> None:
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        files = list(_write(given.format, given.records, Path(folder)))
        store = {"DELIVERWATCH_STORE__URL": f"sqlite:///{folder}/store.db"}
        print(json.dumps(asyncio.run(_ingest(App.open(load_settings(None, store), _DayAfter()), given, files))))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", choices=_SOURCES)
    parser.add_argument("--records", type=int, default=1_000_000)
    return parser.parse_args()


def _write(format_: str, count: int, folder: Path) -> Iterator[Path]:
    """One log, or one body a file."""
    if format_ == "sparkpost":
        for number, body in enumerate(sending_data.sparkpost(count, _BATCH)):
            path = folder / f"{number}.json"
            path.write_text(body)
            yield path
        return
    lines = sending_data.powermta(count) if format_ == "powermta" else sending_data.kumomta(count)
    path = folder / "log"
    with path.open("w") as out:
        out.writelines(lines)
    yield path


async def _ingest(app: App, given: argparse.Namespace, files: list[Path]) -> dict[str, object]:
    source = app.intake.source(_SOURCES[given.format])
    progress = _Progress(given.records)
    _ = app.intake.desk.rules  # loaded once, however much is read
    collect_garbage_rarely()
    empty_kib, began = memory_kib("VmHWM"), time.process_time()
    for file in files:
        progress.totals.add(await app.intake.ingest(source, file, progress.told))
    cpu_s = time.process_time() - began
    await app.judge(progress.totals.first_reply_at)
    judged_s = time.process_time() - began - cpu_s
    await app.store.close()
    return {
        "per_cpu_s": given.records / cpu_s,
        "judged_s": judged_s,
        "accepted": progress.totals.accepted,
        "empty_kib": empty_kib,
        "warm_kib": progress.warm_kib,
        "most_kib": memory_kib("VmHWM"),
    }


if __name__ == "__main__":
    main()
