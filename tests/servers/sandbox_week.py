"""The sandbox's week, played once and kept: a store as the daemon leaves it, with something of everything in it.

Four customers of two account managers, a shared pool, listings that opened and closed, one that never was, blocks,
warm-ups that were held, requests at every step, reports as they were sent. Whoever plays it first keeps it for all
workers of the run; each test opens a copy of its own, at the moment at which the week ended.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from deliverwatch.app import App
from deliverwatch.core.access import Account, Role
from deliverwatch.core.inventory import Language
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.settings import Settings, load_settings
from deliverwatch.store import open_store
from deliverwatch.web.house import House

PASSWORD = "a long pass phrase of the week"
ROBIN, SAM = "robin.doe@esp.example", "sam.roe@esp.example"
"""The account managers: of acme and delta, and of bravo and cedar."""


def played_week(folder: Path) -> Path:
    """Where the week's files are. `folder`: of the whole run. DELIVERWATCH_WEEK: those of one played before."""
    if earlier := os.environ.get("DELIVERWATCH_WEEK"):
        return Path(earlier)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        played = folder / "played"
        if not played.exists():
            shutil.move(_play(folder), played)
        return played


def _play(folder: Path) -> Path:
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "deliverwatch", "demo", "--once"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    (state,) = folder.glob("deliverwatch-sandbox-*")
    return state


@asynccontextmanager
async def opened_week(played: Path, folder: Path) -> AsyncIterator[House]:
    """A copy of it in `folder`, minutes after its last round, with an operator and both account managers."""
    settings = load_settings(_copied(played, folder), {})
    app = App.open(settings, SteppedClock(await _end_of_week(settings)))
    try:
        for name, role, email, language in _PEOPLE:
            account = Account("", name, role, email, sees_all=role is not Role.TAM, language=language)
            await app.access.add_account(account, PASSWORD, "the tests")
        yield House(app, app.clock.now, timedelta(minutes=1))
    finally:
        await app.store.close()


_PEOPLE = (
    ("ops", Role.OPERATOR, "ops@esp.example", Language.EN),
    ("robin.doe", Role.TAM, ROBIN, Language.EN),
    ("sam.roe", Role.TAM, SAM, Language.EN),
    ("reader", Role.READ_ONLY, "reader@esp.example", Language.EN),
)


def _copied(played: Path, folder: Path) -> Path:
    config = folder / "deliverwatch.toml"
    shutil.copy(played / "deliverwatch.db", folder / "deliverwatch.db")
    sections = (played / "deliverwatch.toml").read_text(encoding="utf-8").split("\n\n")
    sections[0] = f'[store]\nurl = "sqlite:///{folder / "deliverwatch.db"}"'
    config.write_text("\n\n".join(sections), encoding="utf-8")
    return config


async def _end_of_week(settings: Settings) -> datetime:
    store = open_store(settings.store.url.get_secret_value())
    try:
        rounds = (await store.last_cycles()).values()
        (event,) = await store.events(limit=1)
        return max(event.at, *(each.finished_at for each in rounds)) + timedelta(minutes=2)
    finally:
        await store.close()


if __name__ == "__main__":
    print("The sandbox plays its week; that takes about a minute.", flush=True)
    print(played_week(Path(sys.argv[1])))
