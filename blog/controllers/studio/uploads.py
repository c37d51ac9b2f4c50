"""What taking a file takes beside its form: its bytes from the request, its row, and posts that show it anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_COPY, mmap

from litestar.datastructures import UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from blog import media as media_files
from blog.content.files import Content, MediaRefused
from blog.content.finish import Shown
from blog.content.markdown import ContentRefused
from blog.content.worker import render_off_loop
from blog.media import Stored
from blog.models import Event, Media, Post, User
from blog.queries import media
from blog.web.guards import begin_writing
from blog.web.rendering import Asked
from blog.web.state import house

MOST_AT_ONCE = 50
"""Files of one form; a page that sends more sends them one by one."""
MOST_RENDERED = 100
"""Posts whose HTML is made anew when a picture is replaced, the last changed first. In others it stands in the frame
of its former size until they are saved."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an upload: its file, or why it was refused."""

    name: str
    media: Media | None = None
    refusal: str = ""


async def files_of(request: Asked) -> list[UploadFile]:
    """Give the files of a form; a field in which none was chosen has none."""
    form = await request.form()
    sent = form.getall("file", [])
    return [one for one in sent if isinstance(one, UploadFile) and one.filename][:MOST_AT_ONCE]


async def take(request: Asked, db: AsyncSession, upload: UploadFile, alt: str, *, now: datetime, by: User) -> Taken:
    """Examine and keep one upload, and commit it."""
    name = media_files.plain_name(upload.filename)
    storage = house(request).storage
    try:
        found = await media_files.examine(await read_upload(upload))
    except MediaRefused as refused:
        return Taken(name, refusal=str(refused))
    stored = await media_files.store(db, storage, found, by=by)
    await begin_writing(request)
    kept = await media_files.keep(db, storage, stored, name, now=now, by=by)
    kept.alt = kept.alt or alt
    db.add(Event.about("media.uploaded", kept, now, by, name=kept.original_name))
    await db.commit()
    return Taken(name, kept)


async def read_upload(upload: UploadFile) -> Content:
    """Give the bytes of an upload; a large one lies in a temporary file and is read from there as it is needed."""
    if not upload.rolled_to_disk:
        return await upload.read()
    upload.file.flush()
    return mmap(upload.file.fileno(), 0, access=ACCESS_COPY)


async def render_again(db: AsyncSession, file: Media, stored: Stored) -> Sequence[tuple[Post, str]]:
    """Make the HTML of the posts that show a file as it will be with other bytes; nothing is written yet."""
    made: list[tuple[Post, str]] = []
    new = stored.file
    for post in await media.texts_with(db, file, MOST_RENDERED):
        looks = {url: media_files.shown(one) for url, one in (await media.shown_with(db, post)).items()}
        looks[file.url] = Shown(new.width, new.height, new.colour, [(copy.width, copy.kind) for copy in new.copies])
        try:
            rendered = await render_off_loop(post.body, looks.get, language=post.language or "")
        except ContentRefused:
            continue  # it keeps the HTML that it has
        made.append((post, str(rendered.html)))
    await db.commit()
    return made
