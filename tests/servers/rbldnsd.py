"""Debian's real rbldnsd on loopback: what most blocklists are served with.

It refuses to run as root and reads its files after giving root up, so the zone files live in a folder that anybody may
read. A reload is known to have happened when the SOA carries the new serial: nothing here waits for a time to pass.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from servers.ports import free_port

_PATIENCE_S = 20


def binary() -> str | None:
    """Debian keeps it where the path of ordinary users does not look."""
    return shutil.which("rbldnsd", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Rbldnsd:
    """`zones`: zone name -> the dataset types it is made of ("ip4set", "ip6trie", "dnset", ...)."""

    def __init__(self, zones: Mapping[str, Iterable[str]]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rbldnsd-"))
        self._folder.chmod(0o777)
        self._zones = {zone: tuple(kinds) for zone, kinds in zones.items()}
        self._serial = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"

    def start(self) -> "Rbldnsd":
        for zone, kinds in self._zones.items():
            for kind in kinds:
                self._put(zone, [], kind)
        specs = [f"{zone}:{kind}:{self._file(zone, kind)}" for zone, kinds in self._zones.items() for kind in kinds]
        as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [binary(), "-n", "-q", "-c", "0", "-w", str(self._folder), "-l", "+queries.log", *as_user]
        self._process = subprocess.Popen(
            [*command, "-b", f"127.0.0.1/{self.port}", *specs], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for zone in self._zones:
            self._await_serial(zone)
        return self

    def write(self, zone: str, lines: Iterable[str], kind: str | None = None) -> None:
        """Replaces what one dataset of a zone holds; returns when the server serves it."""
        kinds = self._zones[zone]
        self._put(zone, lines, kind or kinds[0])
        if kind not in (None, kinds[0]):  # the SOA is taken from the first dataset
            first = self._folder / self._file(zone, kinds[0])
            self._put(zone, first.read_text().splitlines()[3:], kinds[0])
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        self._await_serial(zone)

    def write_all(self, held: Mapping[tuple[str, str], Iterable[str]]) -> None:
        """Many datasets, by zone and type, in one reload."""
        for (zone, kind), lines in held.items():
            self._put(zone, lines, kind)
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        for zone, kind in held:
            if kind == self._zones[zone][0]:
                self._await_serial(zone)

    def questions(self) -> list[tuple[str, str]]:
        """(name, type) of all questions since the start, except those for an SOA, which are ours."""
        lines = (self._folder / "queries.log").read_text().splitlines()
        asked = [line.split()[2:4] for line in lines]
        return [(name, rdtype) for name, rdtype in asked if rdtype != "SOA"]

    def freeze(self) -> None:
        """It lives and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self._folder)

    def _put(self, zone: str, lines: Iterable[str], kind: str) -> None:
        self._serial += 1
        soa = f"$SOA 300 ns.invalid. hostmaster.invalid. {self._serial} 600 300 86400 300"
        head = [] if kind == "acl" else [soa, "$NS 300 ns.invalid.", "$TTL 300"]  # who may ask is no data of a zone
        path = self._folder / self._file(zone, kind)
        path.write_text("\n".join([*head, *lines]) + "\n")
        path.chmod(0o644)
        os.utime(path, (self._serial, self._serial))  # it looks for a new time in whole seconds

    def _file(self, zone: str, kind: str) -> str:
        return f"{zone}.{kind}"

    def _await_serial(self, zone: str) -> None:
        question = dns.message.make_query(zone, "SOA")
        for _ in range(_PATIENCE_S * 20):
            try:
                reply = dns.query.udp(question, "127.0.0.1", port=self.port, timeout=0.1)
            except (dns.exception.Timeout, OSError):
                reply = None
            wanted = self._serial_of(zone)
            if reply is not None and any(rrset[0].serial == wanted for rrset in reply.answer):
                return
            time.sleep(0.05)
        raise TimeoutError(f"rbldnsd does not serve {zone}")

    def _serial_of(self, zone: str) -> int:
        first = self._folder / self._file(zone, self._zones[zone][0])
        return int(first.read_text().split()[4])
