"""What the database library throws, as one sentence that a stranger can act on.

Every error of SQLAlchemy derives from `SQLAlchemyError`, those of the drivers are wrapped into it, and none passes
untranslated. A sentence says which database, what it answered, and where it is known, what to do. A password is never
in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from deliverwatch.core.errors import StoreError

_ADVICE = (
    ("database is locked", "another program has held it for over 30 s: end that program or wait for it"),
    ("disk is full", "make room on that file system"),
    ("No space left", "make room on the database server"),
    ("unable to open database file", "may this user read and write the file and its folder?"),
    ("readonly database", "may this user write the file and its folder?"),
    ("not a database", "the file holds something else: choose another one, or restore a backup"),
    ("malformed", "the file is damaged: restore a backup"),
    ("authentication failed", "check user and password in store.url"),
    ("connection refused", "is PostgreSQL running, and does store.url name its host and port?"),
    ("does not exist", "create it on the server first, and give this user the right to create tables in it"),
    ("already exists", "another program uses this database: name another one in store.url"),
    ("permission denied", "give this user the right to create and write tables"),
)


@contextmanager
def plain_errors(url: URL) -> Iterator[None]:
    """Raises StoreError for whatever the database does."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(_sentence(url, error)) from error


def name_of(url: URL) -> str:
    """The database as people call it, without user and password."""
    if url.drivername == "sqlite":
        return f"the database {url.database}"
    host = url.host or url.query.get("host") or "this machine"
    return f"the PostgreSQL database {url.database} on {host}"


def _sentence(url: URL, error: SQLAlchemyError) -> str:
    answered = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines() or [
        type(error).__name__
    ]
    said = _without_password(url, answered[0])
    advice = next((advice for sign, advice in _ADVICE if sign.lower() in said.lower()), None)
    return f"{name_of(url)} failed: {said}" + (f" ({advice})" if advice else "")


def _without_password(url: URL, said: str) -> str:
    for secret in (url.password, url.query.get("password")):
        if isinstance(secret, str) and secret:
            said = said.replace(secret, "***")
    return said
