"""What writers type and what readers get: Markdown, safe HTML, and the facts around it."""

import re
from html.parser import HTMLParser

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.content.markdown import ContentRefused, Shown, render


def html(body: str) -> str:
    return str(render(body).html).strip()


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("Plain *words* and **more**", "<p>Plain <em>words</em> and <strong>more</strong></p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("see https://example.org/a?b=1&c=2", 'href="https://example.org/a?b=1&amp;c=2"'),
        ("[away](https://example.org)", 'rel="noopener"'),
        ("| a | b |\n|---|--:|\n| 1 | 2 |", '<div class="table-scroll" role="region" tabindex="0"'),
        ("| a | b |\n|---|--:|\n| 1 | 2 |", '<th class="align-right" scope="col">b</th>'),
        ("- [ ] open\n- [x] done", '<input type="checkbox" disabled="" aria-label="To do">'),
        ("```python\ndef f(): pass\n```", '<span class="k">def </span><span class="nf">f</span>'),
        ("```nosuchlanguage\na < b\n```", "a &lt; b"),
        ("![a cat](cat.png)", 'alt="a cat"'),
        ('![a cat](cat.png "On the roof")', "<figcaption>On the roof</figcaption>"),
        ("> [!NOTE]\n> Look.", "markdown-alert-note"),
        ("<kbd>Ctrl</kbd> <mark>x</mark>", "<kbd>Ctrl</kbd> <mark>x</mark>"),
        ("<details><summary>More</summary>\n\nHidden *words*\n\n</details>", "<summary>More</summary>"),
    ],
)
def test_what_markdown_becomes(body: str, wanted: str) -> None:
    assert wanted in html(body)


def test_a_footnote_is_reached_and_left_again() -> None:
    page = html("A claim.[^1] Again.[^1]\n\n[^1]: The proof.")
    assert '<a id="fnref-1" href="#fn-1">1</a>' in page
    assert '<section class="footnotes" aria-label="Footnotes">' in page
    assert 'href="#fnref-1" aria-label="Back to reference 1"' in page
    assert 'href="#fnref-1-2" aria-label="Back to reference 1-2"' in page


def test_headings_begin_at_two_skip_none_and_have_their_own_ids() -> None:
    rendered = render("# One\n\n### Two\n\n# One\n\n[to](#one)")
    assert re.findall(r'<(h\d) id="([^"]+)"', rendered.html) == [("h2", "h-one"), ("h3", "h-two"), ("h2", "h-one-2")]
    assert [(heading.level, heading.text) for heading in rendered.contents] == [(2, "One"), (3, "Two"), (2, "One")]
    assert 'href="#h-one"' in rendered.html


def test_the_facts_around_a_text() -> None:
    rendered = render("# Title\n\nFirst *paragraph* with [a link](/posts/x).\n\n![p](/media/a.png)\n\n" + "word " * 460)
    assert rendered.summary.startswith("First paragraph with a link.")
    assert len(rendered.summary) <= 280
    assert rendered.reading_minutes == 2
    assert rendered.pictures == ("/media/a.png",)
    assert rendered.links == ("/posts/x",)
    assert render("").reading_minutes == 1
    assert render("漢字" * 1000).reading_minutes == 4


def test_pictures_have_their_size_so_that_nothing_shifts() -> None:
    page = render(
        "![a](/media/a.png)\n\n![b](/media/b.png)", lambda url: Shown(400, 300) if url.endswith("a.png") else None
    )
    assert 'width="400" height="300"' in page.html
    assert page.html.count('loading="lazy"') == 1


ATTACKS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.test></sCrIpT>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>", "[x](javascript:alert(1))", "[x](java\tscript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)", "<a href='vbscript:x'>x</a>",
    "<a href=\" \x01javascript:alert(1)\">x</a>", "![x](javascript:alert(1))", "<iframe src=javascript:alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<p style='background:url(javascript:1)'>x</p>",
    "<form action=/logout><button formaction=javascript:1>x</button><input name=token>", "<base href=//evil.test>",
    "<meta http-equiv=refresh content='0;//evil.test'>", "<link rel=stylesheet href=//evil.test>",
    "```<img src=x onerror=alert(1)>\ncode\n```", "```js\" onmouseover=\"alert(1)\ncode\n```",
    "[^<img src=x onerror=alert(1)>]\n\n[^<img src=x onerror=alert(1)>]: <script>x</script>",
    "<a id=csrf name=csrf href=#>x</a><div id=main class='site-header'>x</div>", "<video src=x onplay=alert(1)>",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>x</script> |", "<details ontoggle=alert(1) open>x</details>",
    "![x](x \"<img src=x onerror=alert(1)>\")", "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<template><script>x</script></template>", "<object data=x><embed src=x>", "&lt;script&gt;alert(1)&lt;/script&gt;",
]  # fmt: skip
ALLOWED_URL = re.compile(r"(?:https?:|mailto:|tel:|#|/|[^:]*$)", re.I)


def assert_safe(page: str) -> None:
    """Read a page as a browser would, and look for anything that acts."""
    for element in html5lib.parseFragment(page, treebuilder="etree", namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            raise AssertionError(f"a comment or instruction got through: {page!r}")
        assert element.tag in {"DOCUMENT_FRAGMENT"} or re.fullmatch("[a-z0-9]+", element.tag), page
        assert element.tag not in {"script", "style", "iframe", "object", "embed", "form", "button", "base", "link",
                                   "meta", "svg", "math", "template", "textarea", "select", "noscript"}, page  # fmt: skip
        for name, value in element.attrib.items():
            assert not name.startswith("on"), page
            assert name not in {"style", "srcdoc", "formaction", "action", "name", "srcset", "target", "ping"}, page
            if name in {"href", "src", "cite", "poster"}:
                assert ALLOWED_URL.match(value), page
            if name == "id":
                assert value.startswith(("h-", "fn-", "fnref-", "user-")), page


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_acts_gets_through(attack: str) -> None:
    assert_safe(html(attack))
    assert_safe(html(f"words before\n\n<div>{attack}\n\n{attack}</div>\n"))
    assert_safe(html(f"> - {attack}"))


PIECES = st.sampled_from(
    [*ATTACKS, "<", ">", "&", '"', "'", "`", "*", "_", "[", "](", ")", "\n", "\n\n", "- ", "> ", "# ", "```", "|", "\0",
     "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "<a href=/x>", "</a>", "<b>", "</b>", "<div>",
     "</div>", "<pre>", "</pre>", "<details>", "<figure>", "<h1>", "<dl>", "<dt>", "<ol>", "words", "é漢👩‍👩‍👧", "\ud800"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_any_text_becomes_safe_html_that_a_browser_reads_as_it_was_written(body: str) -> None:
    page = html(body)
    assert_safe(page)
    tree = html5lib.parseFragment(page, treebuilder="etree", namespaceHTMLElements=False)
    again = html5lib.serialize(tree, tree="etree", quote_attr_values="always", omit_optional_tags=False,
                               alphabetical_attributes=False, minimize_boolean_attributes=False)  # fmt: skip
    assert tags(again) == tags(page)
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))


class Tags(HTMLParser):
    """Reads tags as they are written, without a browser's repairs."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"/{tag}")


def tags(page: str) -> list[str]:
    reader = Tags()
    reader.feed(page)
    return reader.seen


BOMBS = {
    "references": "[a]: /" + "x" * 20_000 + "\n\n" + "[a]" * 20_000,
    "footnotes": "[^a]: x\n\n" + "[^a]" * 100_000,
    "brackets": "[" * 500_000,
    "emphasis": "*a " * 300_000,
    "table": "a|b\n-|-\n" + "a|b\n" * 200_000,
    "spans": "<table>" + "<tr><td colspan=99 rowspan=99>" * 20_000,
    "unclosed notes": "[^a]: x\n\n" + "[^" * 400_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_text_that_explodes_is_refused_in_words_or_stays_small(bomb: str) -> None:
    try:
        assert len(render(bomb).html) <= 2_000_000
    except ContentRefused as refused:
        assert str(refused).endswith(".")


def test_more_than_a_megabyte_of_text_is_refused_in_words() -> None:
    with pytest.raises(ContentRefused, match="at most 1 MB"):
        render("x" * 1_000_001)
