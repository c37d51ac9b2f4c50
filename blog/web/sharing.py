"""How a reader passes a post on: plain links, asking nobody before one is followed, and the picture that goes along."""

from collections.abc import Iterable
from urllib.parse import quote

from blog.content.cards import card
from blog.content.colours import ACCENT, accents
from blog.content.worker import off_loop
from blog.languages import direction
from blog.languages import gettext as _
from blog.models import Site, User


def share_links(title: str, url: str) -> list[tuple[str, str]]:
    """Name the ways to share an address, each with the link to follow."""
    words, where = quote(title, safe=""), quote(url, safe="")
    return [
        (_("E-mail"), f"mailto:?subject={words}&body={where}"),
        ("Mastodon", f"https://share.joinmastodon.org/#text={words}%20{where}"),
        ("Bluesky", f"https://bsky.app/intent/compose?text={words}%20{where}"),
        ("LinkedIn", f"https://www.linkedin.com/sharing/share-offsite/?url={where}"),
        ("Telegram", f"https://t.me/share/url?url={where}&text={words}"),
    ]


async def drawn_card(title: str, authors: Iterable[User], language: str | None, site: Site) -> bytes:
    """Draw the picture that stands for a post where it is shared, as a PNG."""
    accent, _dark = accents(site.accent) or (ACCENT, ACCENT)
    byline = ", ".join(author.name for author in authors)
    return await off_loop(card, title, site.title, byline, accent, direction(language or site.language))
