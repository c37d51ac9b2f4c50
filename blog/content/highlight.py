"""Code with classes for the theme to colour.

Pygments knows 80 kinds of token; these are the ones that a reader can tell apart, as its usual short names inside
`.highlight`: c comment, cp preprocessor; k keyword, kt type; s string, se escape; m number; nb built-in, nc class,
nf function, nd decorator, nt tag, na attribute, nv variable, no constant; ow operator word; gd deleted, gi inserted,
gh heading, gu subheading, gp prompt, go output, ge emphasis, gs strong. All others stay plain.
"""

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

from blog.content.budget import Budget

LONGEST_CODE = 100_000
CHECK_EVERY = 500
_CLASSES: dict[Any, str] = {
    Comment: "c", Comment.Preproc: "cp", Comment.PreprocFile: "cp", Keyword: "k", Keyword.Type: "kt",
    String: "s", String.Escape: "se", Number: "m", Name.Builtin: "nb", Name.Class: "nc", Name.Function: "nf",
    Name.Decorator: "nd", Name.Tag: "nt", Name.Attribute: "na", Name.Variable: "nv", Name.Constant: "no",
    Operator.Word: "ow", Generic.Deleted: "gd", Generic.Inserted: "gi", Generic.Heading: "gh",
    Generic.Subheading: "gu", Generic.Prompt: "gp", Generic.Output: "go", Generic.Emph: "ge", Generic.Strong: "gs",
}  # fmt: skip
CLASSES = frozenset(_CLASSES.values())


def highlighted(code: str, language: str, budget: Budget) -> Markup | None:
    """Give code as HTML with spans, or None when it stays plain: an unknown language, or more than 100,000 characters."""
    lexer = _lexer(language.lower()) if len(code) <= LONGEST_CODE else None
    if lexer is None:
        return None
    parts = []
    for name, text in _runs(lexer(stripnl=False, ensurenl=False), code, budget):
        part = escape(text, quote=False)
        parts.append(f'<span class="{name}">{part}</span>' if name else part)
        budget.spend(len(parts[-1]))
    return Markup("".join(parts))  # noqa: S704 - every text was escaped just now


def _runs(lexer: Lexer, code: str, budget: Budget) -> Iterator[tuple[str, str]]:
    """Give the pieces of code with their class, neighbours of one class together."""
    current, pending = "", ""
    for count, (kind, text) in enumerate(lexer.get_tokens(code)):
        if count % CHECK_EVERY == 0:
            budget.check()
        name = _class_of(kind)
        if name != current and text.strip():
            if pending:
                yield current, pending
            current, pending = name, ""
        pending += text
    if pending:
        yield current, pending


@lru_cache(maxsize=512)
def _class_of(kind: Any) -> str:
    while kind is not None:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return ""


@lru_cache(maxsize=512)
def _lexer(language: str) -> type[Lexer] | None:
    try:
        found: type[Lexer] = find_lexer_class_by_name(language)
    except ClassNotFound:
        return None
    return found
