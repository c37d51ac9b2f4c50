"""Taking somebody's second factor away, for when their phone and their recovery codes are lost."""

from typing import Any

from litestar import Controller, Response, post

from blog import policy
from blog.controllers.admin.governing import govern, person_page
from blog.mail import post_mail
from blog.models import Event, News, Notice
from blog.queries import logins, second_factors
from blog.web import routes
from blog.web.arguments import Db, Now, PathId, Viewer
from blog.web.guards import asks_again, serves
from blog.web.rendering import Asked, see


class AdminSecondFactors(Controller):
    path = "/admin/users/{user_id:int}/two-factor"
    opt = serves(policy.Action.ADMINISTER)

    @post("/delete", name="second_factors.delete", status_code=200, opt=asks_again())
    async def delete(self, request: Asked, db: Db, viewer: Viewer, user_id: PathId, now: Now) -> Response[Any]:
        """Reset somebody's second factor; their sign-ins end, and they are told."""
        person, problem = await govern(db, viewer, user_id, stays_admin=True)
        if problem:
            return await person_page(request, db, viewer, person, {"": problem}, status=409)
        if await second_factors.remove_all(db, person.id):
            db.add(Event.about("user.second_factor_reset", person, now, viewer))
            db.add(Notice.of_account(News.SECOND_FACTOR_RESET, person, now=now, by=viewer))
            await logins.end_all(db, person)
            if person.email:
                await post_mail(
                    db,
                    to=person.email,
                    template="second-factor",
                    name=person.name,
                    what="reset",
                    by=viewer.name,
                    now=now,
                )
        await db.commit()
        return see(routes.url("admin.users.show", user_id=person.id), message="second-factor-reset")
