"""Commands as a user runs them, each in a process of its own, without starting an interpreter for each.

Reads the arguments of one command from each line, as JSON, and answers with what it put out.
"""

import json
import os
import sys

import deliverwatch.store  # noqa: F401  # commands load it when they need it
from deliverwatch.cli.main import main


def run(arguments: list[str]) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            out = stream.read().decode()
        os.waitpid(child, 0)
        return out
    os.dup2(writing, sys.stdout.fileno())
    os.dup2(writing, sys.stderr.fileno())
    os.close(reading)
    os.close(writing)
    sys.argv = ["deliverwatch", *arguments]
    try:
        main()
    finally:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    for line in sys.stdin:
        out = run(json.loads(line))
        print(json.dumps(out), flush=True)
