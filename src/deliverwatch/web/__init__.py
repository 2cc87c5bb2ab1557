"""The pages: what the store holds, shown; nothing is decided and nothing is changed here."""

from deliverwatch.web.pages import create_app
from deliverwatch.web.status import StatusSource

__all__ = ["StatusSource", "create_app"]
