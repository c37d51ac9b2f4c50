"""Places within a page: ids that a writer gave to headings, and links to ids that no page has."""

import re
from collections.abc import Iterator

from markupsafe import Markup

from blog.content.slugs import slugify
from blog.transfer.prose import Parts
from blog.transfer.source import Doubt, SourcePost

LONGEST_ID = 70

_HEADING = re.compile(
    r"^ {0,3}#{1,6}[ \t][^\n]*?(?P<list>[ \t]*\{:?(?P<inside>(?:[ \t]*[#.][\w:.-]+)+)[ \t]*\})[ \t#]*$", re.MULTILINE
)
_KRAMDOWN = re.compile(r"(?:(?<=\S)|^[ \t]*)\{:[ \t]*(?:[#.:\w-][^{}\n]*)?\}(?:[ \t]*\n(?=[ \t]*\n))?", re.MULTILINE)
_ID = re.compile(r"#([\w:.-]+)")
_LINK_WITHIN = re.compile(r'<a [^>]*?href="#([^"]*)"')


def attribute_lists(text: str, parts: Parts, kind: str) -> Iterator[tuple[int, int, str]]:
    """Find `{#id .class}` after headings and, under YAML, kramdown's `{: …}`: ids are kept, the rest is dropped."""
    for match in _HEADING.finditer(text):
        if not (parts.code_at(match.start("list")) or parts.html_at(match.start())):
            named = _ID.search(match["inside"])
            yield *match.span("list"), f' <span id="{named[1]}"></span>' if named else ""
    if kind == "yaml":
        for match in _KRAMDOWN.finditer(text):
            if not parts.code_at(match.start()):
                yield *match.span(), ""


def heading_id(fragment: str) -> str:
    """Give the id that a heading has here whose old one was this."""
    return "h-" + slugify(fragment)[:LONGEST_ID].rstrip("-")


def dead_anchors(post: SourcePost, html: Markup) -> Iterator[Doubt]:
    """Find the links of a rendered post to places within it that are not there."""
    for fragment in dict.fromkeys(_LINK_WITHIN.findall(html)):
        if fragment and f' id="{fragment}"' not in html:
            at = post.body.find("#" + fragment)
            line = post.body_line + post.body.count("\n", 0, at) if at >= 0 else None
            yield line, f"The link to #{fragment[:200]} leads to no heading of the post."
