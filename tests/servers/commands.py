"""Commands as a user runs them: a process for each, with its arguments, folder, environment, output and exit code,
and without a second of starting an interpreter for each.

One process loads the program and forks. What it forks is a process like any other, and goes the way that `python -m
deliverwatch` goes, to the end of the interpreter. What Python itself takes from the environment is not heeded. Each
command has a connection of its own: it brings what to run, with the files to write to, and takes back the exit code.
"""

import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

_LONGEST_REQUEST = 1 << 16
_AS_WANTED = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Commands:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="commands-")
        self._address = str(Path(self._folder.name) / "socket")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Commands":
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._address],
            stdin=subprocess.PIPE,  # it ends with us, however we end
            stdout=subprocess.PIPE,
            env=_AS_WANTED,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"listening\n"
        return self

    async def run(self, folder: Path, environment: Mapping[str, Any], *arguments: object) -> Ran:
        told = [str(folder), {name: str(value) for name, value in environment.items()}, [*map(str, arguments)]]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(self._address)
            socket.send_fds(connection, [json.dumps(told).encode()], [out.fileno(), err.fileno()])
            reader, writer = await asyncio.open_unix_connection(sock=connection)
            code = int(await reader.readline())
            writer.close()
            await writer.wait_closed()
            out.seek(0)
            err.seek(0)
            return Ran(code, out.read().decode(), err.read().decode())

    def stop(self) -> None:
        if self._process is not None:
            with self._process:  # closes its streams and waits
                pass
        self._folder.cleanup()


def _load() -> None:
    """All that any command loads."""
    import_module("deliverwatch.serve")
    import_module("deliverwatch.store")
    for each in iter_modules(import_module("deliverwatch.cli").__path__):
        import_module(f"deliverwatch.cli.{each.name}")
    gc.collect()
    gc.freeze()  # else each process would begin and end with going through all that was loaded: half a second


def _listen(address: str) -> socket.socket:
    """Until standard input ends; returns a connection in a process of its own."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait for a program
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("listening", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return connection
            connection.close()
    sys.exit()


def _become_a_command(connection: socket.socket) -> None:
    """Returns in the process that shall be one. Its parent tells what becomes of it."""
    with connection:
        request, streams, _, _ = socket.recv_fds(connection, _LONGEST_REQUEST, 2)
        child = os.fork()
        if child:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with contextlib.suppress(BrokenPipeError):  # the test has gone
                connection.sendall(f"{code}\n".encode())
            os._exit(0)
    folder, environment, arguments = json.loads(request)
    with Path(os.devnull).open("rb") as nothing:
        for number, stream in enumerate((nothing.fileno(), *streams)):
            os.dup2(stream, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["deliverwatch", *arguments]


if __name__ == "__main__":
    _load()
    _become_a_command(_listen(sys.argv[1]))
    from deliverwatch.cli import main

    main()
