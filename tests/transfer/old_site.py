"""An old site on the disk, which tests write file by file and bring in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from cast import TODAY
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from blog.database import Sessions
from blog.models import Post, Redirect
from blog.models.base import Base
from blog.models.post import CoAuthor
from blog.settings import Settings
from blog.storage import open_storage
from blog.transfer.markdown import import_folder
from blog.transfer.report import Report


@dataclass
class OldSite:
    """A folder of Markdown, and the folder in which its pictures are kept here."""

    root: Path
    media: Path

    def write(self, file: str, content: str | bytes) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    async def bring_in(
        self,
        sessions: Sessions,
        *,
        folder: Path | None = None,
        assets: Path | None = None,
        now: datetime = TODAY,
        dry_run: bool = False,
    ) -> Report:
        """Import the folder, the whole of it unless told otherwise; see that the progress told is a progress."""
        steps: list[tuple[int, int]] = []
        report = await import_folder(
            sessions,
            open_storage(Settings(media_url=str(self.media))),
            folder or self.root,
            assets=assets,
            now=now,
            dry_run=dry_run,
            progress=lambda done, total: steps.append((done, total)),
        )
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]
        return report


def png(colour: str = "teal") -> bytes:
    """Draw a small picture."""
    saved = BytesIO()
    Image.new("RGB", (3, 2), colour).save(saved, "PNG")
    return saved.getvalue()


async def post_at(sessions: Sessions, slug: str) -> Post:
    """Fetch a post with all that tests look at."""
    query = (
        select(Post).where(Post.slug == slug).options(undefer(Post.body), undefer(Post.html), joinedload(Post.owner))
    )
    query = query.options(selectinload(Post.tags), selectinload(Post.co_authors).joinedload(CoAuthor.user))
    async with sessions() as db:
        return (await db.scalars(query)).one()


async def all_posts(sessions: Sessions) -> Sequence[Post]:
    async with sessions() as db:
        return (await db.scalars(select(Post).order_by(Post.slug))).all()


async def old_paths(sessions: Sessions) -> set[str]:
    async with sessions() as db:
        return set(await db.scalars(select(Redirect.path)))


async def count(sessions: Sessions, *models: type[Base]) -> tuple[int, ...]:
    async with sessions() as db:
        return tuple([await db.scalar(select(func.count()).select_from(model)) or 0 for model in models])


def told(report: Report) -> list[str]:
    """Give the remarks of a report as the person reads them."""
    return sorted(str(line) for line in report.lines)
