"""Export the public site as files.

Every page is asked of the application itself, as a reader who has not signed in would ask; so nothing is rendered in
a second way, and nothing gets out that such a reader could not open. First all that can be reached is fetched into a
folder aside; then, when it is known what became of every address, links are written anew: from file to file, so that
the folder works in any place and without a server. Links that led nowhere become plain text, and are reported.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from blog.database import Sessions
from blog.queries import site as sites
from blog.transfer.static.asking import Application
from blog.transfer.static.crawl import Crawl
from blog.transfer.static.folder import SiteFolder
from blog.transfer.static.places import HTML, file_of
from blog.transfer.static.rewriting import Rewriting
from blog.transfer.terms import ExportRefused, Progress
from blog.transfer.threads import to_its_end

REDIRECTS = "_redirects"
"""The list that web hosts such as Netlify and Cloudflare Pages read; for others there are small pages beside it."""


@dataclass(slots=True)
class StaticReport:
    """What an export made, and what of the site cannot be shown by files."""

    pages: int = 0
    redirects: int = 0
    files: int = 0
    changed: int = 0
    removed: int = 0
    doubts: list[str] = field(default_factory=list)


async def export_static(
    app: Application,
    sessions: Sessions,
    folder: Path,
    *,
    base_url: str,
    own_url: str = "",
    is_rooted: bool = False,
    together: int = 4,
    now: datetime,
    progress: Progress,
) -> StaticReport:
    """Write the public site into a folder; `app` must answer under `base_url`, where the files will be shown.

    `own_url` is where the blog itself is; writers' links to that are links within the site. Links are relative, or
    with `is_rooted` begin at the base URL. `together` pages are asked for at a time. Raise ExportRefused.
    """
    target = await asyncio.to_thread(SiteFolder, folder)
    crawl = Crawl(app, target, tuple(dict.fromkeys(filter(None, (base_url, own_url)))), progress)
    try:
        await asyncio.to_thread(target.begin)
        await crawl.run(sessions, now, together)
        rewriting = Rewriting(crawl, is_rooted=is_rooted)
        await to_its_end(rewriting.run)
        async with sessions() as db:
            language = (await sites.current(db)).language
        redirects = await asyncio.to_thread(_write_redirects, crawl, rewriting, language)
        # Once begun it is ended: a folder that is half the old site and half the new one helps nobody.
        files, changed, removed = await to_its_end(lambda _: target.publish())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise ExportRefused(f"The site cannot be written: {where}{error.strerror}.") from error
    finally:
        await asyncio.to_thread(target.clear)
    doubts = rewriting.doubts | {f"{unquote(key)} is left out: no file can have this name." for key in crawl.left_out}
    pages = sum(found is not None and found.content_type == HTML for found in crawl.found.values())
    return StaticReport(pages, redirects, files, changed, removed, sorted(doubts))


def _write_redirects(crawl: Crawl, rewriting: Rewriting, language: str) -> int:
    """Write the list of old addresses that lead somewhere, and a page at each; say how many there are."""
    lines: list[str] = []
    for key in sorted(set(crawl.redirects)):
        found, arrived = crawl.found.get(key), crawl.followed(key)
        if found is None or not found.leads_to or arrived is None:
            continue
        target = rewriting.absolute(rewriting.base_url + key, key)
        lines.append(f"{key} {_from_root(target, rewriting.base_url)} {found.code}\n")
        file = file_of(key, HTML)
        if file is None or not crawl.claim(file):
            rewriting.doubts.add(f"{unquote(key)} redirects only where the web host reads {REDIRECTS}.")
            continue
        crawl.folder.write(file, _moved(target, rewriting.link(file, arrived, arrived.place), language))
    if lines and crawl.claim(REDIRECTS):
        crawl.folder.write(REDIRECTS, "".join(lines))
    return len(lines)


def _from_root(target: str, base_url: str) -> str:
    inside = target == base_url or target.startswith(f"{base_url}/")
    return urlsplit(base_url).path + target.removeprefix(base_url) if inside else target


def _moved(target: str, way: str, language: str) -> str:
    """Write the page that stands at an old address: browsers go on at once, search engines learn the new one."""
    whole, link = escape(target), escape(way)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<meta charset="utf-8">\n<title>{whole}</title>\n'
        f'<meta name="robots" content="noindex">\n<link rel="canonical" href="{whole}">\n'
        f'<meta http-equiv="refresh" content="0; url={link}">\n<p><a href="{link}">{whole}</a></p>\n</html>\n'
    )
