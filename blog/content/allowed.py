"""The allow-list: every element, attribute and kind of value that may stand in a post. All else is dropped.

Applied twice: when the tree is built, where values are mended, and by nh3 on the finished HTML, as the last gate.
"""

import re
from collections.abc import Callable
from html import unescape

import nh3

from blog.content.tree import words
from blog.content.urls import WEB_SCHEMES, clean_url

Check = Callable[[str], str | None]

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TABLE_PARTS = frozenset({"caption", "thead", "tbody", "tfoot", "tr", "td", "th"})
PARTS = TABLE_PARTS | {"li", "dt", "dd", "summary", "figcaption", "rt", "rp", "source"}
BLOCKS = HEADINGS | words("p div section blockquote pre ul ol dl table figure details hr")
PHRASING = words(
    "a abbr audio b bdi bdo br cite code del dfn em i img input ins kbd mark q ruby s samp small span strong sub sup",
    "time u var video wbr",
)
TAGS = BLOCKS | PARTS | PHRASING

# Older and larger words for what a post may hold.
RENAMED = {
    "acronym": "abbr", "strike": "s", "tt": "code", "dir": "ul", "menu": "ul", "xmp": "pre", "listing": "pre",
    "image": "img",
} | dict.fromkeys(words("address article aside body center dialog fieldset footer form header hgroup main nav search"), "div")  # fmt: skip
# What is between their tags is no text for readers.
SILENT = words(
    "script style template noscript iframe object svg math title textarea select noembed noframes applet frameset",
    "canvas button datalist",
)

CLASSES = words(
    "footnotes footnote-ref footnote-back task-list task-list-item markdown-alert markdown-alert-title",
    "markdown-alert-note markdown-alert-tip markdown-alert-important markdown-alert-warning markdown-alert-caution",
    "align-left align-center align-right",
)
_OUR_ID = re.compile(r"(?:fn|fnref)-\d+(?:-\d+)?")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=`]++)))?+""")
_ALIGNED = words("p div td th h2 h3 h4 h5 h6 figure")


def clean_attributes(tag: str, written: str) -> dict[str, str]:
    """Give the attributes that an element may keep, with mended values, from how they were written in HTML."""
    kept: dict[str, str] = {}
    checks = ATTRIBUTES.get(tag, _GLOBAL)
    for match in _ATTRIBUTE.finditer(written):
        name = match[1].lower()
        value = _unescape(match[2] or match[3] or match[4] or "")
        if name in _ALIGNMENTS and tag in _ALIGNED:
            name, value = "class", _class_for_alignment(value)
        if name == "name" and tag == "a":
            name = "id"
        if name not in checks or name in kept:
            continue
        checked = checks[name](value)
        if checked is not None:
            kept[name] = checked
    return kept


def gate(html: str) -> str:
    """Drop whatever is not on the allow-list; nothing should be, for the tree was built from it alone."""
    return nh3.clean(
        html, tags=_NH3_TAGS, attributes=_NH3_ATTRIBUTES, url_schemes=set(WEB_SCHEMES), link_rel=None,
        clean_content_tags=set(SILENT - TAGS),
    )  # fmt: skip


def whole_number(value: str) -> str | None:
    """Keep a non-negative integer of at most five digits."""
    value = value.strip().removesuffix("px")
    return str(int(value)) if value.isascii() and value.isdigit() and len(value) < 6 else None


def _unescape(value: str) -> str:
    # Without its semicolon an entity in an attribute is mostly a part of an address: ?a=1&copy=2
    return unescape(re.sub(r"&(?!#?\w+;)", "&amp;", value)) if "&" in value else value


def _id(value: str) -> str | None:
    # The writer's own ids get a prefix, so that they cannot take the place of a name that a page relies on.
    if _OUR_ID.fullmatch(value):
        return value
    name = re.sub(r"[^\w.-]+", "-", value.removeprefix("user-"))
    return f"user-{name}" if name else None


def _classes(value: str) -> str | None:
    kept = dict.fromkeys(
        name for name in value.split() if name in CLASSES or re.fullmatch(r"language-[\w+#.-]{1,40}", name)
    )
    return " ".join(kept) or None


def _class_for_alignment(value: str) -> str:
    match = re.search(r"(?:^|text-align\s*:)\s*(left|center|right)\b", value.lower())
    return f"align-{match[1]}" if match else ""


def _text(value: str) -> str | None:
    return value or None


def _flag(_: str) -> str | None:
    return ""


def _one_of(*words: str) -> Check:
    return lambda value: value.lower() if value.lower() in words else None


def _matching(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: value if compiled.fullmatch(value) else None


def _picture(value: str) -> str | None:
    url = clean_url(value)
    return None if url is None or url.startswith(("mailto:", "tel:")) else url


def _list_number(value: str) -> str | None:
    return value if re.fullmatch(r"-?[0-9]{1,9}", value) else None


def _span(value: str) -> str | None:
    number = whole_number(value)
    return number if number is not None and 1 < int(number) <= 1000 else None


_ALIGNMENTS = frozenset({"align", "style"})
_GLOBAL: dict[str, Check] = {
    "id": _id,
    "class": _classes,
    "title": _text,
    "lang": _matching(r"[a-z]{2}(?:-[A-Z]{2})?"),
    "dir": _one_of("ltr", "rtl", "auto"),
}
_CELL: dict[str, Check] = {"colspan": _span, "rowspan": _span}
_MEDIA: dict[str, Check] = {
    "src": _picture,
    "preload": _one_of("none", "metadata", "auto"),
    "loop": _flag,
    "muted": _flag,
}
_EDIT: dict[str, Check] = {
    "cite": clean_url,
    "datetime": _matching(
        r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])(?:T[01][0-9]:[0-5][0-9](?::[0-5][0-9])?Z)?"
    ),
}
_OWN: dict[str, dict[str, Check]] = {
    "a": {"href": clean_url, "aria-label": _text},
    "audio": _MEDIA,
    "blockquote": {"cite": clean_url},
    "del": _EDIT,
    "details": {"open": _flag},
    "img": {"src": _picture, "alt": str, "width": whole_number, "height": whole_number},
    "input": {"type": _one_of("checkbox"), "checked": _flag},
    "ins": _EDIT,
    "li": {"value": _list_number},
    "ol": {"start": _list_number, "reversed": _flag, "type": _matching("[1aAiI]")},
    "q": {"cite": clean_url},
    "source": {"src": _picture, "type": _matching(r"(?:audio|video)/[a-z0-9.+-]{1,40}")},
    "td": _CELL,
    "th": _CELL | {"scope": _one_of("col", "row", "colgroup", "rowgroup")},
    "time": {"datetime": _EDIT["datetime"]},
    "video": _MEDIA | {"poster": _picture, "width": whole_number, "height": whole_number},
}
ATTRIBUTES = {tag: _GLOBAL | own for tag, own in _OWN.items()}
# What the tree gets after it was built, beside what writers may say.
_MADE = {
    "a": {"rel"},
    "audio": {"controls"},
    "div": {"role", "tabindex", "aria-label"},
    "img": {"loading", "fetchpriority", "decoding", "data-colour"},
    "input": {"disabled", "aria-label"},
    "pre": {"role", "tabindex", "aria-label"},
    "section": {"aria-label"},
    "source": {"srcset", "sizes"},
    "video": {"controls"},
}
_NH3_TAGS = set(TAGS - {"h1"}) | {"picture"}
_NH3_ATTRIBUTES = {tag: set(ATTRIBUTES.get(tag, _GLOBAL)) | _MADE.get(tag, set()) for tag in _NH3_TAGS}
