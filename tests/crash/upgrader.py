"""Opens databases of an earlier version for `test_kill_upgrade`, and dies on the way.

python upgrader.py reads orders from its standard input, one a line: the URL of a database, and before which statement
of its upgrade the process that opens it kills itself; 0, and it does not. Says how each one ended.
"""

import gc
import os
import signal
import sys

from sqlalchemy import Engine, event

from deliverwatch.store import open_store


def die_before(number):
    statements = 0

    def count(*_):
        nonlocal statements
        statements += 1
        if statements == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)


if __name__ == "__main__":
    gc.freeze()
    for line in sys.stdin:
        url, number = line.split()
        child = os.fork()
        if child == 0:
            die_before(int(number))
            open_store(url).shut()
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
