"""A visitor without JavaScript: keeps cookies, sends forms as a browser would, with their token and origin."""

import re
from html import unescape
from typing import Any

import httpx
from cast import cookie_of

from blog.auth.tokens import form_token, token_hash
from blog.web.edge import Edge
from blog.web.logins import cookie_name


class Browser:
    """One visitor of the application; `who` of the cast is signed in from the start."""

    def __init__(self, app: Edge, who: str | None = None) -> None:
        self.app = app
        self.settings = app.house.settings
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=self.settings.base_url)
        if who is not None:
            self.client.cookies.set(cookie_name(self.settings), cookie_of(who), domain=self.settings.base_host)

    @property
    def cookie(self) -> str:
        return self.client.cookies.get(cookie_name(self.settings)) or ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def head(self, path: str) -> httpx.Response:
        return await self.client.head(path)

    async def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form; the token of this sign-in goes with it."""
        fields = dict(data or {})
        if self.cookie:
            fields.setdefault("csrf_token", form_token(self.settings.secret_key, token_hash(self.cookie)))
        headers = {"origin": self.settings.base_url} | more.pop("headers", {})
        return await self.client.post(path, data=fields, headers=headers, **more)

    async def save(self, post_id: int | None = None, **fields: Any) -> httpx.Response:
        """Fill in the editor's form and send it, from the version that the page shows now."""
        path = f"/studio/posts/{post_id}" if post_id else "/studio/posts"
        if post_id and "version" not in fields:
            found = re.search(r'name="version" value="(\d+)"', (await self.get(path)).text)
            assert found, "the editor's form has no version"
            fields["version"] = found[1]
        return await self.post(path, fields)


def version_of(page: str) -> str:
    """Read from which revision the editor's form begins."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def body_of(page: str) -> str:
    """Read the text in the editor's form."""
    found = re.search(r'<textarea id="body"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])
