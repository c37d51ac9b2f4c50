"""Paragraphs of WordPress' classic editor: a blank line ends one, a line end breaks a line, blocks stand by themselves.

This is what WordPress does to such a text whenever it shows it (its function is called wpautop).
"""

import re

_NAMES = (
    "table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|address"
    "|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu"
    "|summary"
)
_WHOLE = re.compile(r"<(pre|script|style|svg)\b", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_OPENS = re.compile(rf"(<(?:{_NAMES})[\s/>])", re.IGNORECASE)
_CLOSES = re.compile(rf"(</(?:{_NAMES})>)", re.IGNORECASE)
_RULE = re.compile(r"(<hr\b[^<>]*>)", re.IGNORECASE)
_TWO_BREAKS = re.compile(r"<br\s*/?>[ \t\n]*<br\s*/?>", re.IGNORECASE)
_BLOCK = rf"</?(?:{_NAMES})(?:[\s/][^<>]*)?>"
_AROUND = re.compile(rf"<p>\s*({_BLOCK})", re.IGNORECASE)
_AFTER = re.compile(rf"({_BLOCK})\s*</p>", re.IGNORECASE)
_ITEM = re.compile(r"<p>(<li[^\n]*?)</p>", re.IGNORECASE)
_QUOTE = re.compile(r"<p><blockquote([^<>]*)>", re.IGNORECASE)
_EMPTY = re.compile(r"<p>\s*</p>")
_BREAK_AFTER = re.compile(rf"({_BLOCK})[ \t]*<br />", re.IGNORECASE)
_BREAK_BEFORE = re.compile(r"<br />(\s*</?(?:p|li|div|dl|dd|dt|th|pre|td|ul|ol)\b[^<>]*>)", re.IGNORECASE)
_KEPT = "\ue000"
"""Stands for a part that is not touched, and for a line end within a tag; no text has it, for it is taken out first."""
_LINE = "\ue001"


def with_paragraphs(text: str) -> str:
    """Give the HTML of a classic text."""
    if not text.strip():
        return ""
    text, kept = _without_whole_parts(text.replace(_KEPT, "").replace(_LINE, ""))
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    text = _TWO_BREAKS.sub("\n\n", text)
    text = _CLOSES.sub(r"\1\n\n", _OPENS.sub(r"\n\n\1", text))
    text = _RULE.sub(r"\1\n\n", text)
    text = _TAG.sub(lambda match: match[0].replace("\n", _LINE), text)
    chunks = (chunk.strip("\n") for chunk in re.split(r"\n\s*\n", text))
    html = "".join(f"<p>{chunk}</p>\n" if chunk.strip() != _KEPT else f"{_KEPT}\n" for chunk in chunks if chunk.strip())
    html = _ITEM.sub(r"\1", _EMPTY.sub("", html))
    html = _QUOTE.sub(r"<blockquote\1><p>", html).replace("</blockquote></p>", "</p></blockquote>")
    html = _AFTER.sub(r"\1", _AROUND.sub(r"\1", html))
    html = _broken(html)
    pieces = iter(kept)
    return re.sub(_KEPT, lambda _: next(pieces), html).replace(_LINE, "\n")


def _without_whole_parts(text: str) -> tuple[str, list[str]]:
    """Take out what must stay as it is: code and drawings."""
    parts: list[str] = []
    kept: list[str] = []
    endless: set[str] = set()
    at = 0
    for match in _WHOLE.finditer(text):
        name = match[1].lower()
        if match.start() < at or name in endless:
            continue
        closing = re.compile(f"</{name}[^<>]{{0,100}}>", re.IGNORECASE).search(text, match.end())
        if closing is None:
            endless.add(name)  # there is none further on either
            continue
        parts += [text[at : match.start()], f"\n\n{_KEPT}\n\n" if name == "pre" else _KEPT]
        kept.append(text[match.start() : closing.end()])
        at = closing.end()
    return "".join([*parts, text[at:]]), kept


def _broken(html: str) -> str:
    """Break lines where they end, but not beside blocks."""
    html = re.sub(r"<br\s*/?>", "<br />", html, flags=re.IGNORECASE)
    html = re.sub(r"(?<!<br />)\n", "<br />\n", html)
    html = _BREAK_BEFORE.sub(r"\1", _BREAK_AFTER.sub(r"\1", html))
    return re.sub(r"(</p>|" + _KEPT + r")<br />", r"\1", html)
