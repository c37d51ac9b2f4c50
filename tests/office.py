"""The office in which an admin moves things in and out, whose jobs are done when a test says so."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from browser import Browser
from sqlalchemy import func, select

from blog.app import _as_files
from blog.models import Event, Post, Transfer
from blog.transfer.jobs import running
from blog.transfer.jobs.yard import Yard
from blog.web.edge import Edge


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return made.getvalue()


@dataclass
class Office:
    """An application whose jobs are done when a test says so."""

    app: Edge
    yard: Yard

    @property
    def ada(self) -> Browser:
        return Browser(self.app, "ada")

    async def do_all(self) -> None:
        await running.do_all(self.yard)

    async def upload(self, content: bytes, name: str = "site.zip", then: str = "rehearse") -> Any:
        files = {"file": (name, content, "application/octet-stream")}
        return await self.ada.post("/admin/transfers", {"then": then}, files=files)

    async def moved(self, content: bytes, name: str = "site.zip", then: str = "import") -> str:
        """Upload a file, have the job done, and give the text of its page."""
        sent = await self.upload(content, name, then)
        assert sent.status_code == 303, sent.text
        await self.do_all()
        return (await self.ada.get(sent.headers["location"])).text

    async def posts(self) -> int:
        async with self.app.house.sessions() as db:
            return await db.scalar(select(func.count(Post.id))) or 0

    async def deeds(self) -> list[str]:
        async with self.app.house.sessions() as db:
            return list(await db.scalars(select(Event.action).where(Event.subject == "transfer").order_by(Event.id)))

    async def last(self) -> Transfer:
        async with self.app.house.sessions() as db:
            return (await db.scalars(select(Transfer).order_by(Transfer.id.desc()).limit(1))).one()

    def stored(self) -> set[str]:
        assert self.app.house.storage._folder
        return {path.name for path in self.app.house.storage._folder.iterdir()}


def yard_of(app: Edge, **changes: Any) -> Yard:
    house = app.house
    site = _as_files(house.settings, house.sessions.kw["bind"], house.storage)
    made = Yard(house.sessions, house.storage, house.clock, house.settings.base_url, site, look_seconds=0.02)
    return replace(made, beat_seconds=0.02, **changes)
