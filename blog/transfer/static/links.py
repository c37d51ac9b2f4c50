"""The links of a page: found, and written anew. Pages are our own, so their tags are well-formed.

Markup is rewritten tag by tag and attribute by attribute; what is no link stays as it is, to the byte.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape, unescape

TAG = re.compile(r"""<(?P<tag>[a-z][a-z0-9]*)(?P<rest>(?:[^>"]|"[^"]*")*)>""")
_ATTRIBUTE = re.compile(r"""(?P<space>\s+)(?P<name>[a-z-]+)="(?P<value>[^"]*)\"""")
_ID = re.compile(r"""\sid="([^"]*)\"""")
_DATA = re.compile(r'(?<=<script type="application/ld\+json">).*?(?=</script>)', re.DOTALL)
_SPLIT = re.compile(r",\s+")
_NO_ID = r"""(?<!<id>)(?<!<guid isPermaLink="false">)(?<!"id": ")"""
"""What names an entry of a feed for ever is no link, though it looks like one (RFC 4287, section 4.2.6)."""
LINKS = frozenset({"href", "src", "poster", "cite", "srcset", "content"})

Rewrite = Callable[[str, str, str], str | None]
"""Given the element, the attribute and a link in it, gives the new link; None to leave the attribute out."""


def links_of(html: str) -> Iterator[tuple[str, str, str]]:
    """Give the links of a page, each with its element and attribute."""
    for tag in TAG.finditer(html):
        for attribute in _ATTRIBUTE.finditer(tag["rest"]):
            name = attribute["name"]
            if name in LINKS:
                for link in _links_in(name, unescape(attribute["value"])):
                    yield tag["tag"], name, link


def ids_of(html: str) -> set[str]:
    """Give the places of a page that links may name."""
    return {unescape(found[1]) for tag in TAG.finditer(html) for found in _ID.finditer(tag["rest"])}


def with_links(html: str, rewrite: Rewrite, base: Callable[[str], str]) -> str:
    """Write a page with other links; `base` rewrites the data for search engines, in which links are absolute."""

    def tag(found: re.Match[str]) -> str:
        if "=" not in found["rest"]:
            return found[0]
        return f"<{found['tag']}{_ATTRIBUTE.sub(lambda one: attribute(found['tag'], one), found['rest'])}>"

    def attribute(of: str, found: re.Match[str]) -> str:
        name, value = found["name"], unescape(found["value"])
        if name not in LINKS:
            return found[0]
        if name == "srcset":
            return _with_srcset(of, found, value, rewrite)
        new = rewrite(of, name, value)
        if new is None:
            return ""
        return found[0] if new == value else f'{found["space"]}{name}="{escape(new)}"'

    return _DATA.sub(lambda data: base(data[0]), TAG.sub(tag, html))


def with_addresses(text: str, bases: tuple[str, ...], rewrite: Callable[[str], str]) -> str:
    """Write a feed, a sitemap or other text anew in which the site's own addresses stand whole."""
    return _addresses(bases).sub(lambda found: rewrite(found[0]), text)


def addresses_in(text: str, bases: tuple[str, ...]) -> Iterator[str]:
    """Give the site's own addresses that stand whole in a text."""
    for found in _addresses(bases).finditer(text):
        yield found[0]


@lru_cache(20)
def _addresses(bases: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(base) for base in sorted(bases, key=len, reverse=True))
    return re.compile(rf"{_NO_ID}(?:{names})(?![\w.:@-])[^\s\"'<>&()\\]*")


def _links_in(name: str, value: str) -> list[str]:
    if name != "srcset":
        return [value]
    return [part.split()[0] for part in _SPLIT.split(value) if part.strip()]


def _with_srcset(of: str, found: re.Match[str], value: str, rewrite: Rewrite) -> str:
    kept = []
    for part in _SPLIT.split(value):
        link, _, width = part.strip().partition(" ")
        new = rewrite(of, "srcset", link)
        if new is not None:
            kept.append(f"{new} {width}".rstrip())
    return f'{found["space"]}srcset="{escape(", ".join(kept))}"' if kept else ""
