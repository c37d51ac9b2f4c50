"""Code with classes for the theme to colour. Classes are Pygments' short names (k, s, c1, nf, mi…) inside .highlight."""

from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

LONGEST_CODE = 100_000
CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)
_formatter = HtmlFormatter(nowrap=True)


def highlighted(code: str, language: str) -> str:
    """Give code as escaped HTML with spans; an unknown language, or very long code, stays plain."""
    if not language or len(code) > LONGEST_CODE:
        return escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code)
    result: str = highlight(code, lexer, _formatter)
    return result
