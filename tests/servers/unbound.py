"""Debian's real unbound on loopback: the resolver between us and a list, with its cache and its opinions."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from servers.ports import free_port

_PATIENCE_S = 20


def binary() -> str | None:
    return shutil.which("unbound", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Unbound:
    """`stubs`: zone -> "127.0.0.1:PORT" of its server. `options`: further lines of the server section."""

    def __init__(self, stubs: Mapping[str, str], options: Sequence[str] = ()) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="unbound-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        (self._folder / "unbound.conf").write_text("\n".join(_configuration(stubs, self.port, options)) + "\n")

    def start(self) -> "Unbound":
        command = [binary(), "-d", "-c", str(self._folder / "unbound.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        question = dns.message.make_query("version.server.", "TXT", "CH")
        for _ in range(_PATIENCE_S * 10):
            try:
                dns.query.udp(question, "127.0.0.1", port=self.port, timeout=0.1)
            except (dns.exception.Timeout, OSError):
                time.sleep(0.05)
            else:
                return self
        raise TimeoutError("unbound does not answer")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self._folder)


def _configuration(stubs: Mapping[str, str], port: int, options: Sequence[str]) -> list[str]:
    server = [
        "server:",
        "  interface: 127.0.0.1",
        f"  port: {port}",
        "  do-daemonize: no",
        "  do-not-query-localhost: no",
        '  username: ""',
        '  chroot: ""',
        '  pidfile: ""',
        '  directory: ""',
        "  use-syslog: no",
        '  logfile: ""',
        "  num-threads: 1",
        '  module-config: "iterator"',
        "  qname-minimisation: no",
        *(f"  {option}" for option in options),
        "remote-control:",
        "  control-enable: no",
    ]
    for zone, address in stubs.items():
        server += ["stub-zone:", f'  name: "{zone}"', f"  stub-addr: {address.replace(':', '@')}"]
    return server
