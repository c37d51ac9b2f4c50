"""Saying once more who one is, where the act itself cannot bring the proof along: for pages, and forms with files."""

from typing import Any

from litestar import Controller, Response, post

from blog import policy
from blog.auth.passkeys import to_use_one
from blog.queries import second_factors
from blog.web.arguments import Db, Now, Viewer
from blog.web.factors import ask, known_key, party_of
from blog.web.guards import ALWAYS_OPEN, asks_again, serves
from blog.web.input import own_path, read_form, text_of
from blog.web.proofs import PROOF
from blog.web.rendering import Asked, see, told


class Proofs(Controller):
    path = PROOF
    opt = serves(policy.Action.OWN_ACCOUNT) | ALWAYS_OPEN

    @post("/", name="proofs.create", status_code=200, opt=asks_again())
    async def create(self, request: Asked) -> Response[Any]:
        """Go on to where the proof was needed; the guard has taken it."""
        return see(own_path(text_of(await read_form(request), "next"), "/account"))

    @post("/challenge", name="proofs.ask", status_code=200)
    async def ask(self, request: Asked, db: Db, viewer: Viewer, now: Now) -> Response[Any]:
        """Give a browser what it asks this person's passkeys."""
        assert request.auth is not None  # noqa: S101 - the guard let in only who is signed in
        found = await second_factors.of_user(db, viewer.id)
        challenge = ask(db, request.auth, now)
        await db.commit()
        known = [known_key(key) for key in found.passkeys]
        return told(to_use_one(party_of(request), challenge, known=known, person="required"))
