"""The pages and the API: what the store holds, shown; what acts goes through the app, and nothing is decided here."""

from deliverwatch.web.application import create_app
from deliverwatch.web.house import House

__all__ = ["House", "create_app"]
