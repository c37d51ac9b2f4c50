"""The checklist of a post: what its text says is compared with what the site has."""

from datetime import datetime
from urllib.parse import urljoin

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.budget import ContentRefused
from blog.content.checklist import Check, Draft, check, ids_of, outline_of
from blog.content.slugs import slugify
from blog.content.worker import off_loop
from blog.controllers.studio.looks import Looks
from blog.queries import links
from blog.web import routes
from blog.web.elsewhere import leads_to


async def checklist(db: AsyncSession, shown: Looks, base_url: str, at: datetime) -> list[Check]:
    """Look at what readers would find at a moment; its links are looked up in two statements."""
    try:
        outline = await off_loop(outline_of, shown.body)
    except ContentRefused:
        # Too large to be looked at now; what can be told without its outline is not worth a page.
        return []
    own = _Addresses(shown, base_url)
    within = {address: path for address in outline.addresses if (path := own.path(address)) is not None}
    asked = {path for path in within.values() if not own.is_there(path)}
    there = await links.shown(db, asked, at) if asked else set()
    lost = {address for address, path in within.items() if path in asked and path not in there}
    pages = {address.partition("#")[0]: path for address, path in within.items() if "#" in address}
    html = await links.html_at(db, {path for path in pages.values() if path != own.here}, at)
    html[own.here] = shown.html
    anchors = {address: ids_of(html[path]) for address, path in pages.items() if address and path in html}
    draft = Draft(
        title=shown.title,
        body=shown.body,
        html=shown.html,
        description=shown.description or shown.excerpt,
        tags=shown.tags,
        cover_alt=shown.cover_alt if shown.cover else None,
        cover_colour=shown.cover.colour if shown.cover else "",
        is_page=shown.is_page,
    )
    return check(draft, outline, lost, anchors)


class _Addresses:
    """What the addresses in a post mean on its page."""

    def __init__(self, shown: Looks, base_url: str) -> None:
        self.here = routes.encoded(shown.path)
        self._base = base_url
        self._own = {
            self.here,
            *(routes.url("tags.show", slug=slugify(name)) for name in shown.tags),
            *(routes.url("authors.show", username=author.username) for author in shown.authors),
        }

    def path(self, address: str) -> str | None:
        """Give the path that an address leads to on this site; None for other sites and for what is no page."""
        whole = urljoin(self._base + self.here, address)
        if not whole.startswith(f"{self._base}/") and whole != self._base:
            return None
        path = whole.removeprefix(self._base).partition("#")[0].partition("?")[0]
        return path.rstrip("/") or "/"

    def is_there(self, path: str) -> bool:
        """Tell whether a path shows something, whatever is in the database."""
        if path in self._own or routes.is_fixed(path) or leads_to(path) is not None:
            return True
        folder = path.strip("/").partition("/")[0]
        is_row = folder in links.FOLDERS or "/" not in path.strip("/")
        return not is_row and bool(routes.methods_at(path))
