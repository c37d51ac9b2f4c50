"""What one process keeps between requests."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from litestar.connection import ASGIConnection
from litestar.types import Scope

from blog.database import Sessions
from blog.models import Site
from blog.queries import site as sites
from blog.settings import Settings
from blog.web.assets import Assets

log = logging.getLogger("blog")

Clock = Callable[[], datetime]
SITE_AGE_SECONDS = 1.0


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class House:
    """The process's own things: settings, sessions, clock, assets, and the site's row, at most a second old."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    assets: Assets
    _site: Site = field(default_factory=lambda: Site(title="Blog", tagline="", language="en", timezone="UTC"))
    _site_read_at: float = float("-inf")

    async def site(self) -> Site:
        """Give the site's settings; when the database is away, the last ones known, so that error pages still work."""
        if time.monotonic() - self._site_read_at > SITE_AGE_SECONDS:
            try:
                async with self.sessions() as db:
                    self._site = await sites.current(db)
                self._site_read_at = time.monotonic()
            except Exception as error:
                log.warning("the site's settings could not be read: %s", error)
        return self._site

    def forget_site(self) -> None:
        """Read the site's row again at the next request."""
        self._site_read_at = float("-inf")


def house(connection: ASGIConnection) -> House:  # type: ignore[type-arg]  # any connection will do
    """Give the house that serves this connection."""
    kept: House = connection.app.state.house
    return kept


def site_of(scope: Scope) -> Site:
    """Give the site's settings that the outer layer fetched for this request."""
    site: Site = scope["state"]["site"]
    return site
