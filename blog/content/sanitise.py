"""The allow-list. Everything that may stand in a post's HTML is named here; all else is dropped or escaped."""

import nh3

from blog.content.highlight import CLASSES

TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "source",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
        "video",
        "audio",
        "wbr",
    ]
)
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href", "aria-label"},
    "img": {"src", "alt", "width", "height", "loading", "decoding", "fetchpriority"},
    "video": {"src", "controls", "width", "height", "poster", "preload"},
    "audio": {"src", "controls", "preload"},
    "source": {"src", "type"},
    "input": {"type", "checked", "disabled", "aria-label"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "details": {"open"},
    "div": {"role", "tabindex", "aria-label"},
    "pre": {"role", "tabindex", "aria-label"},
    "section": {"aria-label"},
    "blockquote": {"cite"},
    "q": {"cite"},
}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
OWN_CLASSES = CLASSES | {
    "highlight", "table-scroll", "footnotes", "footnotes-list", "footnote-item", "footnote-ref", "footnote-backref",
    "task-list", "task-list-item", "contains-task-list", "task-list-item-checkbox", "left", "center", "right",
}  # fmt: skip
OWN_IDS = ("h-", "fn", "user-")
_FIXED = {("input", "type"): "checkbox", ("div", "role"): "region", ("pre", "role"): "region"}


def sanitise(html: str) -> str:
    """Drop everything that is not on the allow-list, scripts with what is in them."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_filter,
        url_schemes=set(SCHEMES),
        link_rel="noopener",
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "svg", "math"},
    )


def _filter(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(part for part in value.split() if part in OWN_CLASSES or part.startswith("language-")) or None
    if name == "id":
        # The writer's own ids get a prefix, so that they cannot take the place of a name that a page relies on.
        return value if value.startswith(OWN_IDS) else "user-" + "-".join(value.split())
    if name in {"width", "height", "colspan", "rowspan", "start", "value", "tabindex"}:
        return value if value.isascii() and value.isdigit() and len(value) < 6 else None
    return _FIXED.get((tag, name), value)
