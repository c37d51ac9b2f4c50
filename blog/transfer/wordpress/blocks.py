"""Texts of WordPress' block editor: HTML between comments that say which block it is."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from blog.transfer.wordpress.paragraphs import with_paragraphs

_MARK = re.compile(r"<!--\s{1,20}(/?)wp:([a-z][a-z0-9_/-]{0,100})(?=\s|/?-->)")
_EMBED = re.compile(r'(<div class="wp-block-embed__wrapper">)\s*(https?://[^\s<>"]{1,2000})\s*(</div>)')
_BACKGROUND = re.compile(
    r"""<div\b(?=[^<>]*\brole="img")(?=[^<>]*\bstyle="[^"]*background-image:\s?url\((?P<url>[^()"]{1,2000})\))[^<>]*>\s*</div>"""
)
_OTHER_COMMENT = re.compile(r"<!--(?:more\b.*?|nextpage|noteaser)-->", re.DOTALL)
DEEPEST = 30

# What WordPress makes anew on each visit, and what belongs to its themes: here the pages themselves do it.
UNSEEN = frozenset({"query-no-results", "comments", "post-comments", "comment-template"})
_QUIET = frozenset(
    [
        "more",
        "nextpage",
        "spacer",
        "separator",
        "post-title",
        "post-date",
        "post-excerpt",
        "post-terms",
        "post-author",
        "post-author-name",
        "post-author-biography",
        "post-featured-image",
        "post-navigation-link",
        "post-comments-form",
        "post-content",
        "post-template",
        "query",
        "query-pagination",
        "query-pagination-next",
        "query-pagination-previous",
        "query-pagination-numbers",
        "query-title",
        "query-no-results",
        "site-logo",
        "site-title",
        "site-tagline",
        "template-part",
        "avatar",
        "loginout",
        "read-more",
        "term-description",
        "comments",
        "comments-title",
        "comment-template",
        "comments-pagination",
        "comment-author-name",
        "comment-date",
        "comment-content",
        "comment-edit-link",
        "comment-reply-link",
        "comments-pagination-next",
        "comments-pagination-previous",
        "comments-pagination-numbers",
        "search",
    ]
)


@dataclass(slots=True)
class Blocks:
    """Reads the blocks of one text. `reusable` gives the text of a block that many posts share, by its number."""

    reusable: Callable[[str], str | None]
    notes: str = ""
    """The footnotes of the text, as WordPress keeps them beside it: a list in JSON."""
    unknown: dict[str, None] = field(default_factory=dict)
    """The blocks that showed something which is not here now."""

    def html(self, text: str, depth: int = 0) -> str:
        """Give the HTML of a text in blocks."""
        parts: list[str] = []
        unseen: list[str] = []
        classic: int | None = None
        at = 0
        for name, attributes, is_closing, is_whole, start, end in _marks(text):
            if not unseen:
                parts.append(text[at:start])
            at = end
            if is_closing:
                if unseen and unseen[-1] == name:
                    unseen.pop()
                if name in {"shortcode", "freeform"} and classic is not None:
                    parts[classic:] = [with_paragraphs("".join(parts[classic:]))]
                    classic = None
            elif is_whole:
                if not unseen:
                    parts.append(self._made(name, attributes, depth))
            elif name in UNSEEN:
                unseen.append(name)
            elif name in {"shortcode", "freeform"}:
                classic = len(parts)
        if not unseen:
            parts.append(text[at:])
        html = _EMBED.sub(r'\1<p><a href="\2">\2</a></p>\3', "".join(parts))
        return _BACKGROUND.sub(lambda match: f'<img src="{match["url"]}" alt="">', html)

    def _made(self, name: str, attributes: dict[str, Any], depth: int) -> str:
        """Give the HTML of a block that has none of its own."""
        if name == "footnotes":
            return _footnotes(self.notes)
        if name == "block" and depth < DEEPEST and (text := self.reusable(str(attributes.get("ref", "")))) is not None:
            return self.html(text, depth + 1)
        address = attributes.get("url")
        if isinstance(address, str) and address.startswith(("http://", "https://", "/", "mailto:")):
            words = attributes.get("label") or attributes.get("service") or address
            link = f'<a href="{escape(address)}">{escape(str(words))}</a>'
            return f"<li>{link}</li>" if name in {"social-link", "navigation-link"} else f"<p>{link}</p>"
        if name not in _QUIET:
            self.unknown[name] = None
        return ""


def has_blocks(text: str) -> bool:
    return "<!-- wp:" in text


def without_breaks(text: str) -> str:
    """Take out where a text broke off for lists, and where it went on on another page."""
    return _OTHER_COMMENT.sub("", text)


def _marks(text: str) -> list[tuple[str, dict[str, Any], bool, bool, int, int]]:
    """Find the comments of blocks: name, attributes, closing or not, without an end of its own or not, where."""
    found = []
    for match in _MARK.finditer(text):
        end = text.find("-->", match.end())
        if end < 0:
            break
        inner = text[match.end() : end].strip()
        is_whole = inner.endswith("/")
        # Core's blocks go by their bare name, and embeds had one for each service once.
        name = match[2].removeprefix("core/").removesuffix("/")
        found.append((name, _attributes(inner.removesuffix("/")), bool(match[1]), is_whole, match.start(), end + 3))
    return found


def _attributes(text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _footnotes(notes: str) -> str:
    try:
        found = json.loads(notes)
    except (ValueError, RecursionError):
        return ""
    items = [
        f'<li id="{escape(str(one["id"]))}">{one["content"]} <a href="#{escape(str(one["id"]))}-link">↩︎</a></li>'
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and isinstance(one.get("content"), str) and "id" in one
    ]
    return f"<ol>{''.join(items)}</ol>" if items else ""
