"""Commands run as a user runs them: a process, its output, its exit code."""

import asyncio
import json
import sys
from dataclasses import dataclass

import pytest

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.sandbox.world import build_zones


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self):
        return json.loads(self.out)


@pytest.fixture
def deliverwatch(tmp_path):
    """await deliverwatch("check", "192.0.2.1") -> Ran, in an empty folder and environment"""

    async def run(*arguments, **environment):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deliverwatch",
            *map(str, arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "USER": "robin", **environment},
        )
        out, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()
        return Ran(process.returncode, out.decode(), err.decode())

    return run


@pytest.fixture
def catalogue():
    return {blocklist.id: blocklist for blocklist in load_blocklists()}


@pytest.fixture
async def lists(start_nameserver, catalogue):
    """(nameserver, zone by list id), all of them well."""
    zones = build_zones(list(catalogue.values()), {})
    return await start_nameserver(*zones.values()), zones
