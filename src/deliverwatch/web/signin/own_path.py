"""Where to go after signing in: to a page of this house, whatever a link says."""

import re

START = "/"
_LONGEST = 2000
_OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""One slash and no second one, no backslash anywhere (browsers read it as a slash), nothing invisible."""


def own_path(wanted: str | None) -> str:
    """`wanted` if it is a path here, else the start page."""
    if wanted is None or len(wanted) > _LONGEST or not _OWN.fullmatch(wanted):
        return START
    return START if wanted.startswith("/sign-") else wanted
