"""The outermost layer: what holds for every answer there is, errors and unrouted paths included.

It refuses what no page should have to look at (foreign hosts and forms, huge or stalled bodies), answers HEAD like
GET, looks an old address up before it says 404, sets the security headers, and turns every error into its page.
"""

import logging
import time
import uuid
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from blog import languages
from blog.content.hops import path_of
from blog.queries import redirects
from blog.web import addresses, appearance, bodies, compression, errors, pages, routes
from blog.web.addresses import header
from blog.web.elsewhere import leads_to, path_asked
from blog.web.headers import with_security
from blog.web.parting import Parting
from blog.web.state import House
from blog.web.views import READ

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
LONGEST_PATH = 2000
TRIES = 3

access_log = logging.getLogger("blog.access")
log = logging.getLogger("blog")


class Edge:
    """The ASGI application that the server runs: everything else is inside."""

    def __init__(self, app: ASGIApp, house: House, kept_bytes: int = pages.LIMIT) -> None:
        self.app = app
        self.house = house
        self.pages = pages.PageCache(kept_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        ready = self.pages.ready_for(scope, self.house.stamp()) if self.house.is_up_to_date(started) else None
        if ready is None:
            await self._answer(scope, receive, send, started)
            return
        await send(ready.start)
        await send(ready.end)
        if ready.read:
            self.house.views.note(scope, ready.read)
        if access_log.isEnabledFor(logging.INFO):
            self._log(scope["method"], scope["path"], ready.status, started)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send, started: float) -> None:
        method = str(scope["method"])
        site = await self.house.site(at_once=pages.has_session(scope))
        languages.speak(site.language)
        parting = Parting()
        state: dict[str, Any] = {"request_id": uuid.uuid4().hex[:16], "site": site, "is_head": method == "HEAD"}
        state["parting"] = parting
        scope = {**scope, "state": state, "method": "GET"} if method == "HEAD" else {**scope, "state": state}
        https, is_secret = self.house.settings.is_https, addresses.is_secret(scope["path"])
        answer = Answer(send, parting, https=https, is_secret=is_secret, is_head=method == "HEAD")
        try:
            self._refuse(scope, method)
            await self._with_patience(scope, bodies.Body(scope, receive), answer, writes=method not in SAFE_METHODS)
        except Exception as error:
            if answer.status:
                raise
            reply = await self._mend(error, scope)
            await reply.send(answer.send)
        finally:
            if method not in SAFE_METHODS:
                # Whoever wrote sees it at once, in this process; the others notice within a second.
                self.house.forget_site()
            self._log(method, scope["path"], answer.status, started, state["request_id"])
        if answer.read and answer.status in READ and not answer.is_head:
            self.house.views.note(scope, answer.read)
        if parting.used is not None:
            await self.house.note_use(parting.used)
        await self.house.tidy()

    def _log(self, method: str, path: str, status: int, started: float, request_id: str = "-") -> None:
        access_log.info(
            "%s %s %d %.0fms %s",
            method if method in METHODS else "?",
            ascii(addresses.without_secret(path))[1:-1][:LONGEST_PATH],
            status,
            (time.monotonic() - started) * 1000,
            request_id,
        )

    async def _with_patience(self, scope: HTTPScope, body: bodies.Body, answer: "Answer", *, writes: bool) -> None:
        """Answer, and try again where the database undid a transaction or closed the connection under a reader."""
        asked = pages.asked_of(scope, appearance.theme_in(header(scope, b"cookie")))
        for rest in reversed(range(TRIES)):
            inner: HTTPScope = {**scope, "state": dict(scope["state"])}
            try:
                if asked is not None:
                    await self._kept(asked, inner, body.receive, answer)
                else:
                    await self.app(inner, body.receive, answer.send)
                    answer.read = inner["state"].get("read", 0)
                return
            except Exception as error:
                # Who asked was found out within; some errors are told in their own words.
                for name in ("app", "user", "auth"):
                    scope[name] = inner.get(name)
                again = errors.may_be_tried_again(error, writes=writes) and body.rewind()
                if answer.status or not rest or not again:
                    raise
            finally:
                # Many who waited for a second connection while holding one would wait for each other for ever.
                if "db" in inner["state"]:
                    await inner["state"]["db"].close()

    async def _kept(self, asked: pages.Asked, inner: HTTPScope, receive: Receive, answer: "Answer") -> None:
        """Answer with a page that may be kept, rendering it when it must be."""

        async def render() -> pages.Finished:
            # What the page does not use must not get into what others are shown.
            scope: HTTPScope = {**inner, "query_string": asked.query, "headers": asked.headers}
            collected = pages.Collector()
            inner["state"]["db"] = await self.house.reader()
            await self.app(scope, receive, collected.send)
            headers = with_security(collected.headers, https=self.house.settings.is_https)
            read = inner["state"].get("read", 0)
            return pages.Finished(collected.status, headers, b"".join(collected.parts), read)

        page = await self.pages.answer(asked.key, self.house.stamp(), render)
        if page.etag and page.is_known_to(inner):
            coding = pages.UNCHANGED
        else:
            coding = compression.chosen(header(inner, b"accept-encoding")) if page.compresses else ""
        ready = self.pages.coded(asked.key, page, coding)
        if not answer.is_head:
            self.pages.remember(inner, asked.key, page, coding)
        await answer.send_whole(ready)

    def _refuse(self, scope: HTTPScope, method: str) -> None:
        settings, path = self.house.settings, scope["path"]
        if not addresses.host_is_ours(scope, settings):
            raise errors.Refusal(
                400, languages.gettext("This site’s address is %(address)s.") % {"address": settings.base_url}
            )
        if method not in METHODS:
            raise errors.Refusal(501)
        if len(path) > LONGEST_PATH or "\0" in path or "//" in path:
            raise errors.NotFound
        if method == "OPTIONS":
            raise errors.Refusal(405) if routes.methods_at(path) else errors.NotFound
        if method in SAFE_METHODS:
            if path != "/" and path.endswith("/"):
                raise errors.Moved(path.rstrip("/")) if routes.methods_at(path.rstrip("/")) else errors.NotFound
            return
        if not addresses.origin_is_ours(scope, settings):
            words = languages.gettext("This form was sent from another site. Open the page here and send it again.")
            raise errors.Refusal(403, words)
        bodies.refuse_unreadable(scope)

    async def _mend(self, error: Exception, scope: HTTPScope) -> errors.Reply:
        if scope["method"] == "GET" and (isinstance(error, errors.Moved) or errors.status_of(error) == 404):
            found = await self._old_address(path_asked(scope["path"], scope["query_string"]))
            if found is not None:
                error = _led(found)
            elif elsewhere := leads_to(scope["path"].rstrip("/")):
                # A tag that has moved since is one hop away, not two.
                found = await self._old_address(elsewhere.path)
                location = found.location if found else None
                error = _led(found, elsewhere.query) if found and location is not None else elsewhere
        request_id = scope["state"]["request_id"]
        if errors.is_fault(error):
            log.error("request %s failed", request_id, exc_info=error)
        return errors.reply_to(
            error,
            scope,
            site=scope["state"]["site"],
            assets=self.house.assets,
            request_id=request_id,
            is_static=self.house.is_static,
        )

    async def _old_address(self, path: str) -> redirects.Answer | None:
        try:
            async with self.house.readers() as db:
                found = await redirects.answer_for(db, path.rstrip("/"), self.house.clock())
        except Exception:
            log.exception("an old address could not be looked up")
            return None
        if found is not None and found.is_exact and path_of(found.location or "") == path.rstrip("/"):
            return None  # nobody is sent where they are
        if found is not None and found.by is not None:
            self.house.tally.hit(found.by, self.house.clock())
        return found


def _led(found: redirects.Answer, query: str | None = None) -> Exception:
    """Say what is known of an old address."""
    if found.location is None:
        return errors.Refusal(410)
    return errors.Led(found.location, found.code) if found.is_exact else errors.Moved(found.location, query)


class Answer:
    """The way out: adds the security headers, and drops the body of an answer to HEAD."""

    def __init__(self, send: Send, parting: Parting, *, https: bool, is_secret: bool, is_head: bool) -> None:
        self._send = send
        self._parting = parting
        self._https = https
        self._is_secret = is_secret
        self.is_head = is_head
        self.status = 0
        self.read = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._parting.cookie:
                # First, so that an answer which signs somebody in or out has the last word.
                cookie = (b"set-cookie", self._parting.cookie.encode("latin-1"))
                message["headers"] = [cookie, *message["headers"]]
            message["headers"] = with_security(message["headers"], https=self._https, is_secret=self._is_secret)
        elif message["type"] == "http.response.body" and self.is_head:
            message["body"] = b""
        await self._send(message)

    async def send_whole(self, ready: pages.Ready) -> None:
        """Send an answer that has its security headers already."""
        self.status, self.read = ready.status, ready.read
        if self.is_head:
            ready = ready.without_body()
        await self._send(ready.start)
        await self._send(ready.end)
