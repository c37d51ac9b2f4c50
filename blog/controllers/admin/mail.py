"""Mail as admins see it: whether it is set up, what waits, what could not be sent and why."""

from typing import Any

from litestar import Controller, Response, get, post

from blog import policy
from blog.mail import post_mail
from blog.mail.message import sender_of
from blog.models import Event
from blog.queries import mails, site
from blog.smtp import parse_smtp_url
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.input import page_number, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house


class AdminMail(Controller):
    path = "/admin/mail"
    opt = serves(policy.Action.ADMINISTER)

    @get("/", name="admin.mail.index")
    async def index(self, request: Asked, db: Db) -> Response[Any]:
        """Show the server that takes mail, and the letters."""
        settings = house(request).settings
        server = parse_smtp_url(settings.smtp_url) if settings.smtp_url else None
        found = await mails.page(db, page_number(request.query_params.get("page")))
        if found is None:
            raise NotFound
        return page(
            request,
            "admin/mail/index.html",
            server=server,
            sender=sender_of(server.sender, settings.base_host) if server else "",
            page=found,
            waiting=await mails.count_waiting(db),
        )

    @post("/test", name="admin.mail.test", status_code=200)
    async def test(self, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Send oneself a letter on the way that all others go."""
        if not await post_mail(db, to=viewer.email or "", template="test", name=viewer.name, now=now):
            raise NotFound
        db.add(Event.about("site.mail_tried", await site.current(db), now, viewer))
        await db.commit()
        return see(routes.url("admin.mail.index"), message="mail-tried")

    @post("/try", name="admin.mail.try", status_code=200)
    async def try_now(self, db: Db, now: Now) -> Response[Any]:
        """Try everything that waits now."""
        await mails.try_now(db, now)
        await db.commit()
        return see(routes.url("admin.mail.index"), message="mail-again")

    @post("/{mail_id:int}/delete", name="admin.mail.delete", status_code=200)
    async def delete(self, db: Db, viewer: Viewer, mail_id: PathId, now: Now) -> Response[Any]:
        """Take a letter out of the list; one that waits is not sent any more."""
        mail = await mails.by_id(db, row_id(mail_id))
        if mail is None:
            raise NotFound
        if mail.is_waiting:
            db.add(Event.about("mail.dropped", mail, now, viewer))
        await mails.delete_one(db, mail.id)
        await db.commit()
        return see(routes.url("admin.mail.index"), message="mail-dropped")
