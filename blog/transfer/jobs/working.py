"""What each kind of job does, in a scratch folder that goes with it."""

import asyncio
import re
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from mmap import ACCESS_COPY, mmap
from pathlib import Path

from blog.content.files import Content
from blog.models import Transfer, TransferKind
from blog.models.transfer import Phase
from blog.storage import PIECE, Storage, new_name
from blog.transfer.archive.export import export_zip_file
from blog.transfer.jobs.packing import pack
from blog.transfer.jobs.uploads import import_upload, opened, safe_name
from blog.transfer.jobs.yard import Outcome, Stand, Yard
from blog.transfer.report import FIGURES, KINDS, Report, write_report
from blog.transfer.static.site import export_static
from blog.transfer.terms import ImportRefused
from blog.transfer.threads import to_its_end

MOST_LINES = 300
"""Lines of a report that are shown on the page; all of them are in its file."""
_PLACE = re.compile(r"/blog-import-[a-z0-9_]+/")
GONE = "The uploaded file is not there any more. Upload it again."


async def work(yard: Yard, transfer: Transfer, scratch: Path, stand: Stand) -> Outcome:
    """Do a job; raise ImportRefused or ExportRefused, whose words are for the person who asked for it."""
    match transfer.kind:
        case TransferKind.IMPORT:
            return await _import(yard, transfer, scratch, stand)
        case TransferKind.ARCHIVE:
            return await _export_archive(yard, scratch, stand)
        case TransferKind.STATIC:
            return await _export_static(yard, scratch, stand)


async def _import(yard: Yard, transfer: Transfer, scratch: Path, stand: Stand) -> Outcome:
    stand.begin(Phase.UNPACKING)
    file = scratch / safe_name(transfer.name)
    await _fetch(yard.storage, transfer.upload, file, stand)
    with ExitStack() as unpacked:
        try:
            upload = await to_its_end(lambda check: unpacked.enter_context(opened(file, scratch, check)))
            stand.begin(Phase.WORKING)
            report = await import_upload(
                upload,
                yard.sessions,
                yard.storage,
                dry_run=transfer.is_rehearsal,
                now=yard.clock(),
                progress=stand.progress,
            )
        except ImportRefused as refused:
            # Where it lay on this machine's disk is nothing that a page tells.
            words = _PLACE.sub("", str(refused).replace(str(scratch), ""))
            raise ImportRefused(words) from refused
    stand.begin(Phase.PACKING)
    await asyncio.to_thread(write_report, report, scratch / "report")
    await to_its_end(partial(pack, scratch / "report", scratch / "report.zip"))
    return await _kept(yard.storage, scratch / "report.zip", _told(report), upload.source)


async def _export_archive(yard: Yard, scratch: Path, stand: Stand) -> Outcome:
    stand.begin(Phase.WORKING)
    file = scratch / "archive.zip"
    exported = await export_zip_file(yard.sessions, yard.storage, file, now=yard.clock(), progress=stand.progress)
    stand.begin(Phase.PACKING)
    facts = asdict(exported)
    missing = facts.pop("missing")
    lines = [["skipped", f"{name} is not in the storage any more."] for name in missing[:MOST_LINES]]
    return await _kept(yard.storage, file, {"figures": facts, "lines": lines, "more": len(missing) - len(lines)})


async def _export_static(yard: Yard, scratch: Path, stand: Stand) -> Outcome:
    stand.begin(Phase.WORKING)
    now = yard.clock()
    report = await export_static(
        yard.site(now),
        yard.sessions,
        scratch / "site",
        base_url=yard.base_url,
        together=1,  # pages for readers come first
        now=now,
        progress=stand.progress,
    )
    stand.begin(Phase.PACKING)
    await to_its_end(partial(pack, scratch / "site", scratch / "site.zip"))
    figures = {"pages": report.pages, "redirects": report.redirects, "files": report.files}
    lines = [["doubtful", words] for words in report.doubts[:MOST_LINES]]
    told = {"figures": figures, "lines": lines, "more": len(report.doubts) - len(lines)}
    return await _kept(yard.storage, scratch / "site.zip", told)


def _told(report: Report) -> dict[str, object]:
    """Say what a page shows of a report."""
    lines = [[kind, str(line)] for kind in KINDS for line in report.sorted_lines(kind)]
    figures = {name: getattr(report, name) for name in FIGURES}
    return {"figures": figures, "lines": lines[:MOST_LINES], "more": max(0, len(lines) - MOST_LINES)}


async def _fetch(storage: Storage, name: str, file: Path, stand: Stand) -> None:
    """Copy an upload from the storage, where any machine finds it, to this one's disk."""
    begin = await storage.read(name, 0, PIECE - 1) if name else None
    if begin is None:
        raise ImportRefused(GONE)
    with file.open("wb") as target:
        target.write(begin.content)
        async for piece in storage.pieces(name, len(begin.content), begin.size - 1):
            await asyncio.to_thread(target.write, piece)
            stand.progress(target.tell() // PIECE, begin.size // PIECE)
        if target.tell() != begin.size:
            raise ImportRefused(GONE)


async def _kept(storage: Storage, file: Path, told: dict[str, object], source: str = "") -> Outcome:
    name = new_name("zip")
    content, size = await asyncio.to_thread(_content, file)
    await storage.put({name: content})
    return Outcome(name, size, told, source)


def _content(file: Path) -> tuple[Content, int]:
    size = file.stat().st_size
    with file.open("rb") as opened_file:
        return mmap(opened_file.fileno(), 0, access=ACCESS_COPY), size
