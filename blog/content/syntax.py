"""Markdown to plain HTML within a budget: CommonMark, GFM's tables, strikethrough, task lists and alerts, footnotes.

What comes out is not yet safe: a writer's own HTML is still in it.
"""

import re
from collections.abc import MutableMapping, Sequence
from typing import Any

from linkify_it import LinkifyIt  # type: ignore[import-untyped]  # it has no hints
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, text
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from blog.content.budget import DEEPEST, Budget, ContentRefused
from blog.languages import gettext as _

Env = MutableMapping[str, Any]
Tokens = Sequence[Token]

CHECK_EVERY = 100
MOST_ROWS = 10_000
LONGEST_LABEL = 1000


def tokens_of(body: str) -> list[Token]:
    """Give the pieces that a text consists of, with their lines; raises ContentRefused as `to_html`."""
    try:
        return _markdown.parse(body, {"budget": Budget.start()})
    except RecursionError:
        raise ContentRefused(_("This text nests brackets too deeply.")) from None


def to_html(body: str, budget: Budget) -> str:
    """Make HTML of Markdown; raises ContentRefused where the budget ends or the nesting is too deep to be read."""
    try:
        env: Env = {"budget": budget}
        tokens = _markdown.parse(body, env)
        # Markdown-it leaves out, without a word, what is nested deeper than its limit.
        if any(token.level >= DEEPEST - 1 for token in tokens):
            sentence = _("This text nests lists or quotes more than %(most)s levels deep.")
            raise ContentRefused(sentence % {"most": DEEPEST})
        html: str = _markdown.renderer.render(tokens, _markdown.options, env)
    except RecursionError:
        raise ContentRefused(_("This text nests brackets too deeply.")) from None
    return html


class _Renderer(RendererHTML):
    """Markdown-it's renderer, counting what it makes, with our footnotes."""

    def render(self, tokens: Tokens, options: OptionsDict, env: Env) -> str:
        budget: Budget = env["budget"]
        parts: list[str] = []
        for position, token in enumerate(tokens):
            if token.type == "inline":
                parts.append(self.renderInline(token.children or (), options, env))
                continue
            parts.append(self._one(tokens, position, options, env))
            budget.spend(len(parts[-1]))
            if position % CHECK_EVERY == 0:
                budget.check()
        return "".join(parts)

    def renderInline(self, tokens: Tokens, options: OptionsDict, env: Env) -> str:  # noqa: N802 - markdown-it's name
        budget: Budget = env["budget"]
        parts: list[str] = []
        for position in range(len(tokens)):
            parts.append(self._one(tokens, position, options, env))
            budget.spend(len(parts[-1]))
            if position % CHECK_EVERY == 0:
                budget.check()
        return "".join(parts)

    def _one(self, tokens: Tokens, position: int, options: OptionsDict, env: Env) -> str:
        rule = self.rules.get(tokens[position].type)
        return rule(tokens, position, options, env) if rule else self.renderToken(tokens, position, options, env)

    def fence(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        """Say the language as a class; colours come later, when the HTML is safe."""
        token = tokens[idx]
        # "rust,ignore", "js {1,3}" and "c++" are all in use.
        language = re.split(r"[\s,{:]", unescapeAll(token.info).strip(), maxsplit=1)[0]
        name = f' class="language-{escapeHtml(language)}"' if language else ""
        return f"<pre><code{name}>{escapeHtml(token.content)}</code></pre>\n"


class _WholeAddresses(LinkifyIt):  # type: ignore[misc]  # its base is untyped
    """Finds bare addresses with their scheme only: "readme.md" is a file's name, and "//" begins a comment."""

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False, "fuzzy_email": False})
        self.add("//", None).add("ftp:", None)

    def pretest(self, text: str) -> bool:
        return "://" in text or "mailto:" in text

    def test(self, text: str) -> bool:
        # Asked about every piece of text: the slow search is for those that may hold an address.
        return self.pretest(text) and bool(super().test(text))


def _footnote_mark(renderer: Any, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
    number, place = _footnote(tokens[idx])
    return f'<sup class="footnote-ref"><a id="fnref-{place}" href="#fn-{number}">{number}</a></sup>'


def _footnote_back(renderer: Any, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
    place = _footnote(tokens[idx])[1]
    # The variation selector keeps the arrow from becoming an emoji.
    label = escapeHtml(_("Back to reference %(number)s") % {"number": place})
    return f' <a class="footnote-back" href="#fnref-{place}" aria-label="{label}">↩\ufe0e</a>'


def _footnote_open(renderer: Any, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
    return f'<li id="fn-{_footnote(tokens[idx])[0]}">'


def _footnote(token: Token) -> tuple[str, str]:
    """Give the number of a footnote, and what tells this reference to it from others: 3, then 3-2, 3-3…"""
    number, again = str(token.meta["id"] + 1), token.meta.get("subId", 0)
    return number, f"{number}-{again + 1}" if again else number


def _text(state: StateInline, silent: bool) -> bool:
    _watch(state)
    return text(state, silent)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    _watch(state)
    if end - start > MOST_ROWS and not any(state.isEmpty(line) for line in range(start, start + MOST_ROWS)):
        # As one table these would be parsed in one go, with no moment to look at the clock.
        return False
    return table(state, start, end, silent)


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    # The plugin looks for the end of a label to the end of the text, at each place where one may begin.
    return "]" in state.src[state.pos : state.pos + LONGEST_LABEL] and footnote_ref(state, silent)


def _watch(state: StateInline | StateBlock | StateCore) -> None:
    budget: Budget = state.env["budget"]
    budget.check()


def _make_parser() -> MarkdownIt:
    options = {"html": True, "linkify": True, "maxNesting": DEEPEST, "tasklists": True, "alerts": True}
    markdown = MarkdownIt("commonmark", options, renderer_cls=_Renderer)
    markdown.enable(["table", "strikethrough", "linkify"])
    markdown.linkify = _WholeAddresses()
    markdown.use(footnote_plugin, inline=False)
    markdown.inline.ruler.at("footnote_ref", _footnote_ref)
    # The rules that are asked first at every place also look at the clock.
    markdown.inline.ruler.at("text", _text)
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    markdown.add_render_rule("footnote_ref", _footnote_mark)
    markdown.add_render_rule("footnote_anchor", _footnote_back)
    markdown.add_render_rule("footnote_open", _footnote_open)
    markdown.add_render_rule("footnote_block_open", lambda *tokens: '<section class="footnotes"><ol>\n')
    markdown.add_render_rule("footnote_block_close", lambda *tokens: "</ol></section>\n")
    return markdown


_markdown = _make_parser()
