"""The command line: reads arguments, opens the installation, acts through the flows, prints.

Exit codes: 0 done (`check`: all clear) · 1 something is listed · 2 wrong usage, configuration or data · 3 could not
tell or could not reach. Results go to standard output, everything else to standard error.
"""

from deliverwatch.cli.main import main

__all__ = ["main"]
