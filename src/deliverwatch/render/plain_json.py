"""Values as JSON has them: unknown is null, never an empty string; times are RFC 3339 in UTC."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any


def plain(value: Any) -> Any:
    match value:
        case "":
            return None
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case str():
            return str(value).encode("utf-8", "backslashreplace").decode("utf-8")  # half a character is shown, not told
        case _:
            return value
