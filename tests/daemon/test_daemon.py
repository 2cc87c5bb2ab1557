"""The clockwork: the daemon as a process, and its tick."""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deliverwatch.app import App
from deliverwatch.daemon import Daemon, Pace
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.settings import load_settings
from servers.ports import free_port

CONFIG = """\
[store]
url = "sqlite:///{folder}/state/deliverwatch.db"
[dns]
resolvers = ["127.0.0.1:9"]
[web]
listen = "127.0.0.1:{port}"
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "deliverwatch.toml"
    path.write_text(CONFIG.format(folder=tmp_path, port=free_port()))
    return path


@pytest.fixture
async def start():
    """await start(config) -> a process of `deliverwatch run`; ended after the test"""
    processes = []

    async def run(config):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deliverwatch", "run", "--config", str(config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def started(process):
    """Reads its log until it serves, and returns what it logged."""
    lines = []
    while not lines or lines[-1]["event"] != "daemon_started":
        line = await process.stdout.readline()
        assert line, (await process.stderr.read()).decode()
        lines.append(json.loads(line))
    return lines


async def test_it_serves_and_ends_when_told_to(start, config):
    process = await start(config)
    lines = await started(process)
    assert all({"event", "level", "at"} <= set(line) for line in lines)
    base = f"http://{load_settings(config, {}).web.listen}"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{base}/healthz")).status_code == 200
        for _ in range(200):
            ready = await client.get(f"{base}/readyz")
            if ready.status_code == 200:
                break
            await asyncio.sleep(0.05)
        assert ready.status_code == 200
        assert (await client.get(f"{base}/sign-in")).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


async def test_a_second_daemon_on_the_same_state_is_refused(start, config):
    first = await start(config)
    await started(first)
    second = await start(config)
    _, err = await second.communicate()
    assert second.returncode == 2
    assert f"process {first.pid}" in err.decode()


async def test_a_port_that_is_taken_is_a_sentence(start, config):
    host, port = load_settings(config, {}).web.listen.split(":")
    taken = await asyncio.start_server(lambda *_: None, host, int(port))
    process = await start(config)
    _, err = await process.communicate()
    taken.close()
    assert process.returncode == 2
    assert f"{host}:{port}" in err.decode()


@pytest.fixture
async def daemon(config):
    app = App.open(load_settings(config, {}), SteppedClock(datetime(2026, 11, 18, 13, tzinfo=UTC)))
    yield Daemon(app, Pace(tick_for=timedelta(milliseconds=10), guard_for=timedelta(milliseconds=10)))
    await app.store.close()


async def test_a_tick_that_fails_is_followed_by_another(daemon, monkeypatch):
    """The database is away for some ticks, and the daemon lives."""
    ticks = 0

    async def fails_at_first():
        nonlocal ticks
        ticks += 1
        if ticks < 3:
            raise OSError("the database is away")
        daemon.stop()

    monkeypatch.setattr(daemon, "start_due", fails_at_first)
    await daemon.run()
    assert ticks == 3


async def test_a_tick_that_the_scheduler_let_go_by_is_made_up_for(daemon, monkeypatch):
    arm, armed, ticks = daemon._arm, 0, 0

    def loses_the_second(delay_for):
        nonlocal armed
        armed += 1
        if armed != 2:
            arm(delay_for)

    async def count():
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            daemon.stop()

    monkeypatch.setattr(daemon, "_arm", loses_the_second)
    monkeypatch.setattr(daemon, "start_due", count)
    await daemon.run()
    assert ticks == 3


async def test_ticks_without_a_pause_are_never_dropped(daemon, monkeypatch):
    """Each is armed while the one before still counts as running."""
    daemon.pace = Pace(tick_for=timedelta(0), guard_for=timedelta(hours=1))
    ticks = 0

    async def count():
        nonlocal ticks
        ticks += 1
        if ticks == 300:
            daemon.stop()

    monkeypatch.setattr(daemon, "start_due", count)
    await daemon.run()
    assert ticks == 300


async def test_a_step_of_the_wall_clock_wakes_the_tick(daemon, monkeypatch):
    """With a tick far away, only the guard can wake it."""
    daemon.pace = Pace(tick_for=timedelta(hours=1), guard_for=timedelta(milliseconds=10))
    stepped = timedelta(0)
    real = daemon._wall.now
    monkeypatch.setattr(daemon._wall, "now", lambda: real() + stepped)
    ticks = 0

    async def count():
        nonlocal ticks, stepped
        ticks += 1
        stepped = timedelta(hours=-5)
        if ticks == 2:
            daemon.stop()

    monkeypatch.setattr(daemon, "start_due", count)
    await daemon.run()
    assert ticks == 2


async def test_work_of_one_name_runs_once_at_a_time_and_is_drained(daemon):
    running, release, most = 0, asyncio.Event(), 0

    async def work():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1

    daemon._start("work", work)
    daemon._start("work", work)
    await asyncio.sleep(0)
    daemon.stop()
    ending = asyncio.create_task(daemon.run())
    await asyncio.sleep(0)
    release.set()
    await ending
    assert (most, running) == (1, 0)


async def test_who_is_told_to_stop_in_the_middle_of_a_tick_ends_it_first(daemon, monkeypatch, caplog):
    ended = False

    async def is_under_way():
        nonlocal ended
        daemon.stop()
        await asyncio.sleep(0.05)
        ended = True

    monkeypatch.setattr(daemon, "start_due", is_under_way)
    await daemon.run()
    assert ended
    assert "raised an exception" not in caplog.text


async def test_what_is_over_of_sessions_and_sign_ins_is_dropped_every_hour(daemon, monkeypatch):
    app, dropped = daemon._app, []
    monkeypatch.setattr(daemon, "_start", lambda name, *_: daemon._started.update({name: app.clock.monotonic()}))
    for minutes in (0, 59, 2, 30, 31):
        app.clock.advance(timedelta(minutes=minutes))
        before = daemon._started.get("prune-access")
        await daemon.start_due()
        dropped.append(daemon._started["prune-access"] != before)
    assert dropped == [True, False, True, False, True]
