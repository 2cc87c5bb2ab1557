"""The servers of the benchmark, each a process of its own: rbldnsd (without a query log, which would cost it more than
its answers do), and the fault proxy before it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import job

_PATIENCE_S = 20
_SBIN = ":/usr/sbin:/usr/local/sbin"


def find(program: str) -> str | None:
    """Debian keeps servers where the path of ordinary users does not look."""
    return shutil.which(program, path=os.environ.get("PATH", "") + _SBIN)


@contextmanager
def rbldnsd() -> Iterator[str]:
    """Serves the job's zones; its address."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    port = _free_port()
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [str(find("rbldnsd")), "-n", "-q", "-c", "0", "-w", str(folder), *as_user, "-b", f"127.0.0.1/{port}"]
    try:
        with _process([*command, *job.write_zones(folder)]):
            _await(("127.0.0.1", port))
            yield f"127.0.0.1:{port}"
    finally:
        shutil.rmtree(folder)


@contextmanager
def fault_proxy(upstream: str, **faults: object) -> Iterator[str]:
    """`faults` as `proxy_process` takes them; the proxy's address."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in faults.items()]
    program = Path(__file__).with_name("proxy_process.py")
    with _process([sys.executable, str(program), upstream, *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()


@contextmanager
def _process(command: list[str], **more: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, **{"stdout": subprocess.DEVNULL, **more})  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    """Free for UDP a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        return int(udp.getsockname()[1])


def _await(address: tuple[str, int]) -> None:
    """Until the zones are loaded. Raises TimeoutError when they never are."""
    name = "".join(f"{chr(len(label))}{label}" for label in job.zone_name(job.LISTS - 1).split("."))
    question = b"\0\1\0\0\0\1\0\0\0\0\0\0" + name.encode() + b"\0\0\6\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(address)
        udp.settimeout(0.2)
        for _ in range(_PATIENCE_S * 5):
            try:
                udp.send(question)
                if udp.recv(512)[3] & 15 == 0:
                    return
            except (TimeoutError, ConnectionError):
                time.sleep(0.05)
    raise TimeoutError("rbldnsd does not answer")
