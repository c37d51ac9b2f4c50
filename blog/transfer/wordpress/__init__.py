"""Import the export of a WordPress site: posts and pages, people, categories and tags, pictures, old addresses."""

import asyncio
from datetime import datetime
from pathlib import Path

from blog.database import Sessions, begin_write
from blog.models import Event
from blog.queries import imports, redirects, site
from blog.storage import Storage
from blog.transfer.pipeline import run_import
from blog.transfer.report import Report
from blog.transfer.terms import Progress
from blog.transfer.wordpress.export import WordPressExport


async def import_wordpress(
    sessions: Sessions,
    storage: Storage,
    file: Path,
    *,
    media: Path | None,
    fetch_media: bool,
    dry_run: bool,
    now: datetime,
    progress: Progress,
) -> Report:
    """Import a WordPress export (WXR 1.0 to 1.2) and tell what was done.

    `media` is a copy of the old site's wp-content/uploads; `fetch_media` lets what is not there be fetched from the old
    site. `progress` is called with how many posts are done and how many there are. Raise ImportRefused.
    """
    source = await asyncio.to_thread(WordPressExport, file, media, fetch_media, now)
    try:
        report = await run_import(sessions, storage, source, now=now, progress=progress, dry_run=dry_run)
        if not dry_run and report.imported:
            await _lead(sessions, source, report, now)
    finally:
        source.spools()
    return report


async def _lead(sessions: Sessions, source: WordPressExport, report: Report, now: datetime) -> None:
    """Let the old pages of categories and tags lead to the tags, and give a site without navigation the old one's."""
    async with sessions() as db:
        await begin_write(db)
        ways = await imports.tags_at(db, source.terms.odd_paths())
        report.permalinks_made += await redirects.put_new_tags(db, ways, now)
        current = await site.current(db)
        if source.navigation and not current.navigation:
            current.navigation = source.navigation
            await site.touch(db)
            db.add(Event.about("site.changed", current, now, None, by_import=True))
            report.doubt(source.name, None, "The site had no navigation; it has got the links of the old site’s menu.")
        await db.commit()
