"""Where somebody is signed in, and ending what they do not want."""

from typing import Any

from litestar import Controller, Response, get, post

from blog import policy
from blog.auth.devices import device_of
from blog.languages import gettext as _
from blog.models import Event
from blog.queries import logins
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import asks_again, serves
from blog.web.input import row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class SignIns(Controller):
    path = "/account/sessions"
    opt = serves(policy.Action.OWN_ACCOUNT)

    @get("/", name="sessions.index")
    async def index(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """List the browsers that are signed in."""
        current = request.auth.id if request.auth else None
        found = await logins.of_user(db, viewer, now)
        rows = [(login, device_words(login.user_agent), login.id == current) for login in found]
        settings = house(request).settings
        days = {"idle": settings.session_idle, "whole": settings.session_lifetime}
        return page(request, "account/sessions.html", logins=rows, ends_after=days)

    @post("/{login_id:int}/delete", name="sessions.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, login_id: PathId, now: Now) -> Response[Any]:
        """End one sign-in."""
        if not await logins.end(db, viewer, row_id(login_id)):
            raise NotFound
        db.add(Event.about("user.session_ended", viewer, now, viewer))
        await db.commit()
        return see(routes.url("sessions.index"), message="session-ended")

    @post("/delete", name="sessions.delete_others", status_code=200, opt=asks_again())
    async def delete_others(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """End every sign-in but this one."""
        await logins.end_all(db, viewer, but=request.auth)
        db.add(Event.about("user.sessions_ended", viewer, now, viewer))
        await db.commit()
        return see(routes.url("sessions.index"), message="sessions-ended")


def device_words(user_agent: str) -> str:
    """Say what somebody signed in with."""
    browser, system = device_of(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")
