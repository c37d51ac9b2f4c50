"""The files of an archive, brought in under the addresses that texts know them by."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blog import media as media_files
from blog.content.files import File, MediaRefused
from blog.database import Sessions
from blog.models import Media
from blog.queries import archives
from blog.storage import Storage
from blog.transfer.archive import names
from blog.transfer.archive.facts import Unfit
from blog.transfer.archive.lists import ToldMedia
from blog.transfer.archive.people import Company
from blog.transfer.archive.reading import Archive
from blog.transfer.report import Report

IN_HAND = 3
"""Files that are in memory at once: enough for the threads that decode pictures, and few when each takes 200 MB."""


@dataclass(slots=True)
class Uses:
    """Addresses of files that are more than pictures in texts."""

    portraits: set[str]
    icon: str
    moved: dict[str, str] = field(default_factory=dict)
    """The addresses that some files have here instead of those that the archive tells."""


async def bring_files(
    sessions: Sessions,
    storage: Storage,
    archive: Archive,
    files: Sequence[ToldMedia],
    company: Company,
    uses: Uses,
    *,
    now: datetime,
    report: Report,
    step: Callable[[], None],
) -> None:
    """Keep every file that is not here yet, a few at a time, each with its row in a transaction of its own."""
    for begin in range(0, len(files), IN_HAND):
        some = files[begin : begin + IN_HAND]
        async with sessions() as db:
            here = await archives.files_by_name(db, [one.name for one in some])
        examined = await asyncio.gather(*(_examined(archive, one, uses) for one in some))
        for one, found in zip(some, examined, strict=True):
            try:
                if isinstance(found, str):
                    raise Unfit(found)
                await _keep(sessions, storage, one, found, here, company, uses, now, report)
            except Unfit as unfit:
                report.doubt(f"{names.FILES}/{one.name}", None, str(unfit))
            step()


async def _examined(archive: Archive, one: ToldMedia, uses: Uses) -> File | str:
    url = f"/media/{one.name}"
    try:
        content = await asyncio.to_thread(archive.content, one.name)
        found = await media_files.examine_kept(content, is_whole=url in uses.portraits, is_icon=url == uses.icon)
    except (Unfit, MediaRefused) as refused:
        return str(refused)
    if found.extension != one.name.rpartition(".")[2]:
        return f"What is in the file is not what its name says; it is a {found.extension}."
    return found


async def _keep(
    sessions: Sessions,
    storage: Storage,
    one: ToldMedia,
    file: File,
    here: Mapping[str, Media],
    company: Company,
    uses: Uses,
    now: datetime,
    report: Report,
) -> None:
    uploader = company.ids.get(one.uploaded_by)
    async with sessions() as db:
        by = (await archives.users_by_id(db, [uploader])).get(uploader) if uploader else None
        stored = await media_files.store(db, storage, file, by=by)
        if (known := here.get(one.name)) and known.fingerprint != stored.fingerprint:
            if stored.is_new:
                await media_files.discard(storage, media_files.names_of_stored(stored))
            raise Unfit("There is another file at this address here, which stays.")
        media = await media_files.keep(db, storage, stored, one.original_name, now=one.created_at or now, by=by)
        if media.name == stored.name and stored.is_new:
            # What people called it later need not be the name of a file.
            media.name, media.original_name, media.alt = one.name, one.original_name, one.alt
            media.focus_x, media.focus_y = one.focus_x, one.focus_y
            report.pictures_kept += 1
        elif media.name != one.name:
            uses.moved[f"/media/{one.name}"] = media.url
        await db.commit()
