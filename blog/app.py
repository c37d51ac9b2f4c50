"""The application: its outer layers, and every route in one list."""

import gc
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from litestar import Litestar, Request
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from blog.auth.passwords import use_costs
from blog.controllers.account.emails import Emails
from blog.controllers.account.invitations import Invitations
from blog.controllers.account.logins import Logins, Logout
from blog.controllers.account.passkey_logins import PasskeyLogins
from blog.controllers.account.passkeys import Passkeys
from blog.controllers.account.portraits import Portraits
from blog.controllers.account.profile import Account
from blog.controllers.account.proofs import Proofs
from blog.controllers.account.registrations import Registrations
from blog.controllers.account.resets import NewPasswords, PasswordResets
from blog.controllers.account.second_steps import SecondSteps
from blog.controllers.account.sessions import SignIns
from blog.controllers.account.setup import Setup
from blog.controllers.account.two_factor import CodeApps, TwoFactor
from blog.controllers.admin.access import AdminAccess
from blog.controllers.admin.dashboard import Dashboard
from blog.controllers.admin.deletions import UserDeletions
from blog.controllers.admin.events import Events
from blog.controllers.admin.invitations import AdminInvitations
from blog.controllers.admin.mail import AdminMail
from blog.controllers.admin.overview import Overview
from blog.controllers.admin.pictures import SitePictures
from blog.controllers.admin.redirect_tables import RedirectTables
from blog.controllers.admin.redirects import AdminRedirects
from blog.controllers.admin.registrations import AdminRegistrations
from blog.controllers.admin.second_factors import AdminSecondFactors
from blog.controllers.admin.site import AdminSite
from blog.controllers.admin.transfers import Transfers
from blog.controllers.admin.users import AdminUsers
from blog.controllers.admin.verification import Verifications
from blog.controllers.public.appearance import Appearance
from blog.controllers.public.archive import Archive
from blog.controllers.public.authors import PublicAuthors
from blog.controllers.public.feeds import Feeds
from blog.controllers.public.files import Files
from blog.controllers.public.health import Health
from blog.controllers.public.machines import Machines
from blog.controllers.public.pages import PublicPages
from blog.controllers.public.posts import PublicPosts
from blog.controllers.public.search import Search
from blog.controllers.public.shared import Shared
from blog.controllers.public.tags import PublicTags
from blog.controllers.public.unsubscribe import Unsubscribe
from blog.controllers.studio.autosaves import Autosaves
from blog.controllers.studio.bulk import BulkChanges
from blog.controllers.studio.clashes import Clashes
from blog.controllers.studio.comments import Comments
from blog.controllers.studio.covers import Covers, NewCovers
from blog.controllers.studio.home import Desk
from blog.controllers.studio.media import DeskMedia
from blog.controllers.studio.mergers import TagMergers
from blog.controllers.studio.news import DeskNews
from blog.controllers.studio.pages import DeskPages
from blog.controllers.studio.posts import DeskPosts
from blog.controllers.studio.previews import Previews
from blog.controllers.studio.publications import Ownership, Publications
from blog.controllers.studio.resuming import Resumptions
from blog.controllers.studio.reviews import Reviews
from blog.controllers.studio.revisions import Revisions
from blog.controllers.studio.shares import Shares
from blog.controllers.studio.suggestions import Suggestions
from blog.controllers.studio.tags import DeskTags
from blog.controllers.studio.undoing import BulkUndoing
from blog.controllers.studio.working_copies import WorkingCopies
from blog.database import STATEMENT_SECONDS, Sessions, make_engine, make_readers, make_replica, make_sessions
from blog.mail import open_office, sending
from blog.models import User
from blog.settings import Settings, read_settings
from blog.storage import Storage, open_storage
from blog.transfer.jobs.running import moving
from blog.transfer.jobs.yard import Yard
from blog.web import guards, routes
from blog.web.arguments import Db, Visitor
from blog.web.assets import load_assets
from blog.web.bodies import LARGEST_FORM
from blog.web.edge import Edge
from blog.web.hearing import hearing
from blog.web.logins import SignedIn
from blog.web.pages import LIMIT
from blog.web.sessions import request_db
from blog.web.state import Clock, House, utc_now
from blog.web.state import house as house_of
from blog.web.views import FLUSH_SECONDS, counting

LOOK_FOR_JOBS_SECONDS = 2.0

ROUTES = [
    # anyone
    PublicPosts, PublicTags, PublicAuthors, Archive, Search, Feeds, Machines, Files, Health, Appearance,
    Shared,
    # you
    Setup, Registrations, Logins, Logout, Account, Portraits, Invitations, PasswordResets, NewPasswords, Emails,
    Unsubscribe,
    SecondSteps, PasskeyLogins, TwoFactor, CodeApps, Passkeys, SignIns, Proofs,
    # writers
    Desk, DeskPosts, DeskPages, Publications, Ownership, Previews, DeskMedia, DeskTags,
    TagMergers, BulkChanges, BulkUndoing, Suggestions,
    NewCovers, Covers,
    Autosaves, Revisions, WorkingCopies, Clashes, Resumptions,
    Reviews, Comments, Shares, DeskNews,
    # admins
    Dashboard, AdminUsers, AdminSecondFactors, UserDeletions, AdminRegistrations, AdminSite, SitePictures, AdminRedirects, RedirectTables,
    Overview, AdminInvitations, AdminAccess, AdminMail, Events, Verifications, Transfers,
    # anyone again: any other path of one part may be a page
    PublicPages,
]  # fmt: skip


def create_app(
    settings: Settings | None = None,
    *,
    engine: AsyncEngine | None = None,
    sessions: Sessions | None = None,
    storage: Storage | None = None,
    clock: Clock = utc_now,
    kept_bytes: int = LIMIT,
    flush_seconds: float = FLUSH_SECONDS,
    is_static: bool = False,
    on_startup: Sequence[Callable[[], None]] = (),
) -> Edge:
    """Make the ASGI application. Tests pass their own engine, sessions, storage and clock; a server passes nothing.

    `kept_bytes` is how much of finished pages it may keep; `flush_seconds` how often what was counted is written, 0 for never.
    With 0 nothing else is done beside the requests either. `is_static` is for pages that become files.
    """
    settings = settings or read_settings()
    use_costs(settings)
    engine = engine or make_engine(settings, statement_seconds=STATEMENT_SECONDS)
    readers = sessions or make_readers(engine)
    sessions = sessions or make_sessions(engine)
    replica = make_replica(settings)
    office = open_office(settings, sessions, clock)
    house = House(
        settings,
        sessions,
        clock,
        load_assets(),
        readers,
        storage or open_storage(settings),
        make_readers(replica) if replica else None,
        keeps=kept_bytes > 0 or is_static,
        is_static=is_static,
    )
    yard = Yard(
        sessions,
        house.storage,
        clock,
        settings.base_url,
        _as_files(settings, engine, house.storage),
        look_seconds=LOOK_FOR_JOBS_SECONDS if flush_seconds else 0,
    )
    app = Litestar(
        route_handlers=ROUTES,
        middleware=[SignedIn],
        guards=[guards.admit, guards.check_form],
        dependencies={
            "db": Provide(_db),
            "viewer": Provide(_viewer, sync_to_thread=False),
            "now": Provide(_now, sync_to_thread=False),
        },
        exception_handlers={Exception: _hand_out},
        request_max_body_size=LARGEST_FORM,
        openapi_config=None,
        logging_config=None,
        on_startup=on_startup,
        on_shutdown=[each.dispose for each in (engine, replica) if each is not None],
        lifespan=[
            hearing(engine, house.forget_site),
            sending(office, sessions),
            counting(house.write_down, flush_seconds),
            moving(yard),
        ],
    )
    app.state.house = house
    guards.insist_on_policy(app)
    routes.learn(app)
    return Edge(app, house, kept_bytes)


def _as_files(settings: Settings, engine: AsyncEngine, storage: Storage) -> Callable[[datetime], Edge]:
    """Give how to make the application once more, for pages that become files, as of a moment."""

    def make(moment: datetime) -> Edge:
        return create_app(
            settings,
            engine=engine,
            storage=storage,
            clock=lambda: moment,
            kept_bytes=0,
            flush_seconds=0,
            is_static=True,
        )

    return make


async def _db(request: Request[Any, Any, Any]) -> AsyncSession:
    return request_db(request)


# One asks for the other: side by side, Litestar would make a task of each, for all that they take from the request.
def _viewer(request: Request[Any, Any, Any], db: Db) -> User | None:
    viewer: User | None = request.user
    return viewer


def _now(request: Request[Any, Any, Any], viewer: Visitor) -> datetime:
    return house_of(request).clock()


def _hand_out(_: Request[Any, Any, Any], error: Exception) -> Any:
    """Let every error fall out to the outer layer, the one place that makes pages of them."""
    raise error


def serving_app() -> Edge:
    """Make the application for one worker of the web server, with its log on standard output."""
    # A worker that serves nothing yet has nothing to finish.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    settings = read_settings()
    logging.basicConfig(
        level=settings.log_level, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    return create_app(settings, on_startup=[_heed_the_server_once, _freeze])


def _freeze() -> None:
    """Keep the collector away from what was made so far and stays: it then comes sooner to what pages leave behind."""
    gc.collect()
    gc.freeze()


def _heed_the_server_once() -> None:
    """Let nobody but the server stop this worker, and only once.

    A terminal sends Ctrl-C to every process, and the server then tells its workers too. Granian's worker takes in two
    signals; at a third it stops in the middle of its requests, so pressing Ctrl-C twice would lose them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Granian's own handler hangs on the event loop and is still called; this one only bars the way behind it.
    signal.signal(signal.SIGTERM, lambda *_: signal.signal(signal.SIGTERM, signal.SIG_IGN))
