"""Markdown to safe HTML, with the facts that lists and feeds show without it.

Markdown -> HTML within a budget (syntax) -> a tree of allowed elements (soup) -> valid (repair) -> headings, pictures,
tables and code as pages want them (finish) -> written anew -> through nh3, the last gate (allowed).
"""

import re
from dataclasses import dataclass

from markupsafe import Markup

from blog.content import soup
from blog.content.allowed import gate
from blog.content.budget import LARGEST_HTML, LARGEST_TEXT, Budget, ContentRefused
from blog.content.finish import Finish, Heading, Look, Shown
from blog.content.repair import repair
from blog.content.syntax import to_html
from blog.content.text import FORBIDDEN, clean_text, plain_excerpt
from blog.content.tree import Element, text_of, write
from blog.languages import gettext as _
from blog.languages import number

__all__ = ["ContentRefused", "Heading", "Look", "Rendered", "Shown", "render", "unseen"]

WORDS_A_MINUTE = 230
CJK_A_MINUTE = 500
LONGEST_SUMMARY = 280
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_NOT_IN_SUMMARIES = frozenset({"sup", "pre", "table", "video", "audio", "input", "rt"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a text becomes: safe HTML, and the facts that lists and feeds show without it."""

    html: Markup
    text: str
    summary: str
    contents: tuple[Heading, ...]
    words: int
    reading_minutes: int
    pictures: tuple[str, ...]
    links: tuple[str, ...]
    files: tuple[str, ...] = ()
    """All that the text shows, plays or links to on this site."""


def unseen(_: str) -> Shown | None:
    """Know nothing of any picture."""
    return None


def render(body: str, look: Look = unseen) -> Rendered:
    """Make HTML of Markdown; `look` tells what is known of the picture at a URL.

    Raises ContentRefused for more than 1 MB of text, more than 2 MB of HTML, or more than two seconds of work.
    """
    if len(body.encode("utf-8", "replace")) > LARGEST_TEXT:
        sentence = _("This text has %(size)s MB; at most 1 MB can be published.")
        raise ContentRefused(sentence % {"size": number(len(body) / 1e6)})
    budget = Budget.start()
    root = soup.read(to_html(clean_text(body), budget), budget)
    repair(root)
    budget.check()
    finish = Finish(look, Budget(budget.deadline))
    finish.over(root)
    html = gate(FORBIDDEN.sub("", write(root)))
    if (size := len(html.encode())) > LARGEST_HTML:
        sentence = _("This text becomes %(size)s MB of HTML; at most 2 MB can be published.")
        raise ContentRefused(sentence % {"size": number(size / 1e6)})
    text = text_of(root)
    words, minutes = _length(text)
    return Rendered(
        html=Markup(html),  # noqa: S704 - this is where HTML becomes safe
        text=text,
        summary=plain_excerpt(_first_words(root), LONGEST_SUMMARY),
        contents=tuple(finish.contents),
        words=words,
        reading_minutes=minutes,
        pictures=tuple(finish.pictures),
        links=tuple(finish.links),
        files=tuple(dict.fromkeys([*finish.pictures, *finish.played, *finish.links])),
    )


def _first_words(root: Element) -> str:
    """Give the words of the first paragraphs, enough for a summary; of everything, where there are no paragraphs."""
    words = ""
    for child in root.children:
        if isinstance(child, Element) and child.tag == "p" and len(words) <= LONGEST_SUMMARY:
            words = f"{words} {text_of(child, without=_NOT_IN_SUMMARIES)}".strip()
    return words or text_of(root, without=_NOT_IN_SUMMARIES)


def _length(text: str) -> tuple[int, int]:
    """Count words (a CJK character is one) and the minutes that reading them takes."""
    cjk = len(_CJK.findall(text))
    words = len(_WORD.findall(_CJK.sub(" ", text)))
    return words + cjk, max(1, round(words / WORDS_A_MINUTE + cjk / CJK_A_MINUTE))
