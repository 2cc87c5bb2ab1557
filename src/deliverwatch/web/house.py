"""What the pages and the API know of the installation: the opened app, and whether its daemon ticks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.app import App


@dataclass(frozen=True, slots=True)
class House:
    """`last_tick_at`, `tick_at_most`: of the daemon; see `status.is_ticking`. `is_closing`: the server is stopping, and
    what does not end by itself ends now."""

    app: App
    last_tick_at: Callable[[], datetime | None]
    tick_at_most: timedelta
    is_closing: Callable[[], bool] = lambda: False

    @property
    def origin(self) -> str | None:
        """Where browsers find us ("https://d.esp.example"); None: nobody said."""
        return self.app.settings.web.public_url

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS; then cookies are bound to it."""
        return (self.origin or "").startswith("https:") or self.app.settings.web.tls is not None
