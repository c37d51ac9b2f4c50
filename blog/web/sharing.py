"""Plain links with which a reader passes a post on. Nobody is asked before one is followed."""

from urllib.parse import quote

from blog.languages import gettext as _


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
