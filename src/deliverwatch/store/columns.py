"""Column types that mean the same on SQLite and PostgreSQL.

Times are SQLModel's own `UTCDateTime`: aware instants in, aware UTC out, naive ones refused. What is here is where the
two databases differ: PostgreSQL refuses NUL in a text and sorts by the locale it was created with; SQLite counts rows
only in a column that is called INTEGER.
"""

from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String, Text, TypeDecorator


def storable(text: str) -> str:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "\ufffd")


class ForeignText(TypeDecorator[str]):
    """Text that strangers had a hand in. What no database can hold (NUL, half a surrogate pair) becomes U+FFFD, so that
    a list operator's TXT record cannot keep a round from being committed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return storable(value) if value is not None else None


class SortedText(TypeDecorator[str]):
    """Text that is compared by code point, whatever the database's locale."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(collation="C" if dialect.name == "postgresql" else None))


class Serial(TypeDecorator[int]):
    """A number the database counts up by itself."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())
