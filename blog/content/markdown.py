"""Markdown to safe HTML: CommonMark, tables, strikethrough, task lists, footnotes, highlighted code, anchors.

A text may be at most 1 MB and its HTML at most 2 MB; what would be more, or take longer than two seconds, is refused,
while it is being made: 80 kB of references can stand for 200 MB of HTML.
"""

import re
import time
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from blog.content.highlight import highlighted
from blog.content.sanitise import sanitise
from blog.content.slugs import numbered, slugify
from blog.content.text import plain_excerpt

LARGEST_TEXT = 1_000_000
LARGEST_HTML = 2_000_000
SECONDS = 2.0
WORDS_A_MINUTE = 230
CJK_A_MINUTE = 500

PictureSize = Callable[[str], tuple[int, int] | None]
Env = MutableMapping[str, Any]


class ContentRefused(ValueError):
    """A text that cannot be published; the message is a sentence for its writer."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the contents list: its level (2 or 3), its id on the page, and its words."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a text becomes: safe HTML, and the facts that lists and feeds show without it."""

    html: Markup
    summary: str
    contents: tuple[Heading, ...]
    words: int
    reading_minutes: int
    pictures: tuple[str, ...]
    links: tuple[str, ...]


def no_size(_: str) -> tuple[int, int] | None:
    """Know no picture's size."""
    return None


def render(body: str, picture_size: PictureSize = no_size) -> Rendered:
    """Make HTML of Markdown; raise ContentRefused when it is too much. `picture_size` gives width and height in pixels."""
    if len(body.encode("utf-8", "replace")) > LARGEST_TEXT:
        raise ContentRefused("This text has more than 1 MB; split it into several posts.")
    env: Env = {"budget": _Budget(time.monotonic() + SECONDS)}
    tokens = _markdown.parse(body, env)
    contents = _prepare(tokens)
    html = sanitise(_markdown.renderer.render(tokens, _markdown.options, env))
    html = _finish(html, picture_size)
    plain = _plain(tokens)
    words, minutes = _length(plain)
    return Rendered(
        html=Markup(html),  # noqa: S704 - this is where HTML becomes safe: it went through `sanitise`
        summary=plain_excerpt(_first_paragraphs(tokens)),
        contents=contents,
        words=words,
        reading_minutes=minutes,
        pictures=tuple(dict.fromkeys(unescape(src) for src in re.findall(r'<img[^>]*? src="([^"]*)"', html))),
        links=tuple(dict.fromkeys(unescape(href) for href in re.findall(r'<a[^>]*? href="(/[^"]*)"', html))),
    )


@dataclass(slots=True)
class _Budget:
    deadline: float
    spent: int = 0

    def spend(self, characters: int) -> None:
        self.spent += characters
        if self.spent > LARGEST_HTML:
            raise ContentRefused("This text becomes more than 2 MB of HTML, which is more than can be published.")
        if time.monotonic() > self.deadline:
            raise ContentRefused("This text takes too long to render; it nests or repeats too much.")


class _Renderer(RendererHTML):
    """Markdown-it's renderer, with a budget, our code blocks and our scrolling tables."""

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: Env) -> str:  # noqa: N802 - its name
        html = ""
        for position, token in enumerate(tokens):
            made = (
                self.rules[token.type](tokens, position, options, env)
                if token.type in self.rules
                else self.renderToken(tokens, position, options, env)
            )
            env["budget"].spend(len(made))
            html += made
        return html

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        token = tokens[idx]
        language = re.split(r"[\s,{]", token.info.strip(), maxsplit=1)[0]
        env["samples"] = env.get("samples", 0) + 1
        code = highlighted(token.content, language)
        env["budget"].spend(len(code))
        name = f' class="language-{escape(language)}"' if language else ""
        label = f"Code sample {env['samples']}"
        return (
            f'<pre class="highlight" role="region" tabindex="0" aria-label="{label}"><code{name}>{code}</code></pre>\n'
        )

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        return self.fence(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        env["tables"] = env.get("tables", 0) + 1
        return f'<div class="table-scroll" role="region" tabindex="0" aria-label="Table {env["tables"]}"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        return "</table></div>\n"


def _make_parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True, "linkify": True}, renderer_cls=_Renderer)
    markdown.enable(["table", "strikethrough", "linkify"])
    # Only full addresses become links: "readme.md" is a file's name, not a site.
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # type: ignore[union-attr]  # it is enabled
    return markdown.use(footnote_plugin).use(tasklists_plugin)


_markdown = _make_parser()


def _prepare(tokens: list[Token]) -> tuple[Heading, ...]:
    """Clamp heading levels so that posts begin at h2 and skip none, and give each an id."""
    contents: list[Heading] = []
    taken: set[str] = set()
    before = 1
    for position, token in enumerate(tokens):
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in {"th_open", "td_open"} and (align := token.attrs.pop("style", None)):
            token.attrSet("class", str(align).removeprefix("text-align:"))
        if token.type != "heading_open":
            continue
        level = min(max(int(token.tag[1]), 2), before + 1)
        before = level
        text = _words_of(tokens[position + 1])
        anchor = numbered("h-" + (slugify(text) or "section")[:70], taken)
        taken.add(anchor)
        token.tag = f"h{level}"
        token.attrSet("id", anchor)
        closing = next(later for later in tokens[position + 1 :] if later.type == "heading_close")
        closing.tag = token.tag
        if level <= 3:
            contents.append(Heading(level, anchor, text))
    return tuple(contents)


def _finish(html: str, picture_size: PictureSize) -> str:
    """Give pictures their alt, size and loading; turn headings of raw HTML, which nobody clamped, into plain ones."""
    seen = 0

    def picture(match: re.Match[str]) -> str:
        nonlocal seen
        tag = re.sub(r' (?:loading|decoding|fetchpriority)="[^"]*"', "", match[0])
        src = re.search(r' src="([^"]*)"', tag)
        if src is None:
            return ""
        if " alt=" not in tag:
            tag = tag.replace("<img", '<img alt=""', 1)
        size = picture_size(unescape(src[1]))
        if size is not None:
            tag = re.sub(r' (?:width|height)="[^"]*"', "", tag)
            tag = tag.replace("<img", f'<img width="{size[0]}" height="{size[1]}"', 1)
        seen += 1
        how = 'fetchpriority="high"' if seen == 1 else 'loading="lazy" decoding="async"'
        return tag.replace("<img", f"<img {how}", 1)

    html = re.sub(r"<img\b[^>]*>", picture, html)
    return re.sub(
        r'<p>(<img\b[^>]*?) title="([^"]+)"([^>]*>)</p>', r"<figure>\1\3<figcaption>\2</figcaption></figure>", html
    )


def _plain(tokens: Sequence[Token]) -> str:
    return " ".join(_words_of(token) for token in tokens if token.type == "inline")


def _first_paragraphs(tokens: Sequence[Token]) -> str:
    words: list[str] = []
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open" and before.level == 0:
            words.append(_words_of(token))
    return " ".join(words)


def _words_of(token: Token) -> str:
    kept = ("text", "code_inline")
    parts = [
        child.content if child.type in kept else " "
        for child in token.children or ()
        if child.type in (*kept, "softbreak", "hardbreak")
    ]
    return " ".join("".join(parts).split())


def _length(plain: str) -> tuple[int, int]:
    cjk = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", plain))
    words = len(re.findall(r"\w+(?:['’-]\w+)*", re.sub(r"[\u3040-\u30ff\u3400-\u9fff]", " ", plain)))
    return words + cjk, max(1, round(words / WORDS_A_MINUTE + cjk / CJK_A_MINUTE))
