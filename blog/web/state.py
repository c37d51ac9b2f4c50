"""What one process keeps between requests."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from litestar.connection import ASGIConnection
from litestar.types import Scope
from sqlalchemy.ext.asyncio import AsyncSession

from blog.database import Sessions, begin_write
from blog.models import Login, Opening, Site, Visibility
from blog.models.site import POSTS_PER_PAGE
from blog.queries import events, logins, posts, trash
from blog.queries import site as sites
from blog.queries.days import Days, days
from blog.settings import Settings
from blog.storage import Storage
from blog.web.assets import Assets
from blog.web.tally import Tally
from blog.web.views import Views

log = logging.getLogger("blog")

Clock = Callable[[], datetime]
SITE_AGE_SECONDS = 1.0
LOOK_SECONDS = 1.0
REPLICA_REST_SECONDS = 5.0
TIDY_EVERY = timedelta(hours=1)
DESK = ("/studio", "/account", "/admin")
"""Where pages speak to somebody who works here, in their language and time zone, and say what waits for them."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
MOST_KNOWN = 10_000
Known = TypeVar("Known")


def _unknown() -> Site:
    return Site(
        title="Blog", tagline="", description="", language="en", timezone="UTC", accent="", navigation=[], second_factor_roles=[],
        posts_per_page=POSTS_PER_PAGE, footer="", footer_html="", registration=Opening.CLOSED,
        new_visibility=Visibility.PUBLIC, first_steps=False, logo=None, icon=None, version=0,
    )  # fmt: skip


def is_desk(path: str) -> bool:
    """Tell whether a page is for somebody who works here."""
    return path.startswith(DESK)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class House:
    """The process's own things: settings, sessions, clock, assets, and the site's row, at most a second old."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    assets: Assets
    readers: Sessions
    storage: Storage
    replica: Sessions | None = None
    _replica_rests_until: float = float("-inf")
    _site: Site = field(default_factory=_unknown)
    _looked_at: float = float("-inf")
    _forgotten: int = 0
    _looking: asyncio.Event | None = None
    _next_due: datetime | None = None
    _appeared: int = 0
    _tidied_at: datetime = LONG_AGO
    _is_untidy: bool = False
    keeps: bool = True
    is_static: bool = False
    """Whether its pages are for a host that only has files: what needs this server is left out of them."""
    views: Views = field(default_factory=Views)
    _known: dict[str, Any] = field(default_factory=dict)
    _known_at: tuple[int, int] = (-1, -1)
    tally: Tally = field(default_factory=Tally)

    async def site(self, *, at_once: bool = False) -> Site:
        """Give the site's settings; when the database is away, the last ones known, so that pages still work.

        One request a second looks; the others go on with what is known. With `at_once` this one looks in any case:
        somebody signed in may have changed something a moment ago, in another process.
        """
        if at_once:
            await self._try_to_look()
        elif not self.is_up_to_date(time.monotonic()) and self._looking is None:
            self._looking = asyncio.Event()
            try:
                await self._try_to_look()
            finally:
                self._looking.set()
                self._looking = None
        elif self._looking is not None and self._site.version == 0:
            await self._looking.wait()  # nothing is known yet
        return self._site

    async def _try_to_look(self) -> None:
        began, forgotten = time.monotonic(), self._forgotten
        try:
            # Where something is known, nobody waits long for a database that is away.
            async with asyncio.timeout(LOOK_SECONDS if self._site.version else None):
                await self._look()
        except Exception as error:
            log.warning("the site's settings could not be read: %s", error)
        # What was read may be older than a change that came meanwhile.
        if forgotten == self._forgotten:
            self._looked_at = began

    def is_up_to_date(self, moment: float) -> bool:
        """Tell whether, at this moment of the monotonic clock, nothing that readers see can have changed unnoticed."""
        return moment - self._looked_at <= SITE_AGE_SECONDS and not self._is_due()

    @property
    def has_mail(self) -> bool:
        """Whether there is a server that takes mail."""
        return bool(self.settings.smtp_url)

    def stamp(self) -> tuple[int, int]:
        """Tell which state of the site's pages is known: it changes with whatever readers can see."""
        return self._site.version, self._appeared

    async def known(self, name: str, find_out: Callable[[], Awaitable[Known]]) -> Known:
        """Give what was found out about the pages' present state, such as a number of posts; find it out once."""
        if self._known_at != self.stamp() or len(self._known) >= MOST_KNOWN or not self.keeps:
            self._known_at, self._known = self.stamp(), {}
        known = self._known
        if name not in known:
            known[name] = await find_out()
        found: Known = known[name]
        return found

    async def days(self, db: AsyncSession, now: datetime) -> Days:
        """Give the posts counted by day, as known of the pages' present state."""
        return await self.known("days", lambda: days(db, now))

    async def reader(self) -> AsyncSession:
        """Give a session to read a page with: on the replica when that holds all that is known here by now."""
        if self.replica is not None and time.monotonic() >= self._replica_rests_until:
            db = self.replica()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    if await sites.version(db) >= self._site.version:
                        return db
            except Exception as error:
                log.warning("the replica could not be read: %s", error)
                self._replica_rests_until = time.monotonic() + REPLICA_REST_SECONDS
            await db.close()
        return self.readers()

    def forget_site(self) -> None:
        """Look again at the next request."""
        self._forgotten += 1
        self._looked_at = float("-inf")

    async def note_use(self, login: Login) -> None:
        """Note, when the answer has gone out and nobody waits, that a sign-in was used."""
        settings = self.settings
        try:
            async with self.sessions() as db:
                await begin_write(db)
                await logins.note_use(
                    db, login, self.clock(), idle=settings.session_idle, lifetime=settings.session_lifetime
                )
                await db.commit()
        except Exception as error:
            log.warning("the use of a sign-in could not be noted: %s", error)

    async def write_down(self) -> None:
        """Keep what was counted in memory; views as of today by the site's clock."""
        await self.views.flush(self.sessions, self.clock().astimezone(zone_of(self._site)).date())
        await self.tally.write_down(self.sessions)

    async def tidy(self) -> None:
        """Once an hour, when an answer has gone out and nobody waits: drop what was in the trash, or known of
        addresses, for long enough.
        """
        if not self._is_untidy:
            return
        self._is_untidy, self._tidied_at = False, self.clock()
        try:
            async with self.sessions() as db:
                is_due = await trash.is_due(db, self._tidied_at)
                await db.commit()
                if is_due and await trash.empty(db, self._tidied_at) == trash.AT_ONCE:
                    self._tidied_at = LONG_AGO  # there may be more; the next one goes on
                await events.forget_addresses(db, self.clock())
        except Exception as error:
            log.warning("the trash could not be emptied: %s", error)
        self.forget_site()

    async def _look(self) -> None:
        self._is_untidy = not self.is_static and not timedelta() <= self.clock() - self._tidied_at < TIDY_EVERY
        async with self.readers() as db:
            site = await sites.current(db)
            due = await posts.next_due(db, self.clock())
        # A scheduled post whose time has come changes pages without a change of any row.
        self._appeared += self._is_due()
        self._site, self._next_due = site, due

    def _is_due(self) -> bool:
        return self._next_due is not None and self._next_due <= self.clock()


def zone_of(site: Site) -> ZoneInfo:
    """Give the zone in which the site tells time."""
    return zone_named(site.timezone) or ZoneInfo("UTC")


def zone_named(name: str) -> ZoneInfo | None:
    """Give the zone of a name; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def house(connection: ASGIConnection) -> House:  # type: ignore[type-arg]  # any connection will do
    """Give the house that serves this connection."""
    kept: House = connection.app.state.house
    return kept


def site_of(scope: Scope) -> Site:
    """Give the site's settings that the outer layer fetched for this request."""
    site: Site = scope["state"]["site"]
    return site
