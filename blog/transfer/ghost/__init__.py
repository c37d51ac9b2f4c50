"""Bring a Ghost site in: its export (Ghost 0.x to 6), its content folder, its redirects."""

from datetime import datetime
from pathlib import Path

from blog.database import Sessions, begin_write
from blog.queries import imports, redirects
from blog.storage import Storage
from blog.transfer.ghost.export import GhostExport
from blog.transfer.ghost.ways import beside, read_redirects
from blog.transfer.pipeline import run_import
from blog.transfer.report import Report
from blog.transfer.terms import Progress

MOVED, FOUND = 301, 302


async def import_ghost(
    sessions: Sessions,
    storage: Storage,
    file: Path,
    *,
    media: Path | None,
    old_redirects: Path | None = None,
    dry_run: bool,
    now: datetime,
    progress: Progress,
) -> Report:
    """Import an export and tell what was done; `media` is the content folder, or its images.

    `old_redirects` is redirects.json or redirects.yaml; without it, that which lies beside the export.
    `progress` is called with how many posts are done and how many there are. Raise ImportRefused.
    """
    refused: list[tuple[str, str]] = []
    given = old_redirects or beside(file)
    ways = read_redirects(given, lambda name, reason: refused.append((name, reason))) if given else []
    source = GhostExport(file, media, ways)
    try:
        report = await run_import(sessions, storage, source, now=now, progress=progress, dry_run=dry_run)
        for name, reason in refused:
            report.doubt(name, None, reason)
        if not dry_run:
            report.redirects_made += await _lead(sessions, source, now)
    finally:
        source.close()
    return report


async def _lead(sessions: Sessions, source: GhostExport, now: datetime) -> int:
    """Let old addresses of tags and authors, and those that the site's own redirects named, lead to what they meant.

    Those that lead somewhere already stay as they are. Give how many were made.
    """
    wanted = {path: (here, MOVED) for path, here in source.author_places.items()}
    for way in source.ways:
        wanted.setdefault(way.path, (source.place_of(way.target), MOVED if way.is_lasting else FOUND))
    async with sessions() as db:
        await begin_write(db)
        tags = await imports.tags_at(db, source.tag_names)
        made = await redirects.put_new_tags(db, tags, now)
        known = await redirects.leading(db, wanted)
        rows = [(path, here, code) for path, (here, code) in wanted.items() if path not in known and path != here]
        await redirects.put_all(db, rows, now)
        await db.commit()
    return made + len(rows)
