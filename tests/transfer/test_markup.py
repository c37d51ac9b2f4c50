"""HTML of other systems becomes Markdown that shows the same, and no word of it is lost."""

import contextlib
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.content import soup
from blog.content.budget import Budget
from blog.content.markdown import ContentRefused, render
from blog.content.syntax import to_html
from blog.content.text import clean_text
from blog.content.tree import Element, text_of
from blog.transfer.markup import Changes, read, to_markdown
from blog.transfer.normal import normal, signature


def shown(markdown: str) -> str:
    """Read Markdown as pages do, in the form in which trees are compared."""
    budget = Budget.start()
    return signature(normal(soup.read(to_html(clean_text(markdown), budget), budget)).children)


def meant(html: str) -> str:
    return signature(read(html, Budget.start()).children)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Plain <b>bold</b> and <i>slanted</i>, <del>gone</del></p>", "Plain **bold** and *slanted*, ~~gone~~"),
        ("Words<br>without <div>a paragraph</div>", "Words\\\nwithout\n\na paragraph"),
        ("<p>1. no list<br># no heading<br>- no item</p>", "1\\. no list\\\n\\# no heading\\\n\\- no item"),
        (
            "<p>a*b_c snake_case __init__ `x` [y](z) &amp;lt;</p>",
            "a\\*b_c snake_case \\_\\_init\\_\\_ \\`x\\` \\[y](z) &amp;lt;",
        ),
        ("<p>http://one.example stays words</p>", "http\\://one.example stays words"),
        ('<p><a href="http://one.example/">http://one.example/</a></p>', "<http://one.example/>"),
        ('<p>so!<a href="/x" title="a &quot;b&quot;">[y]</a></p>', 'so\\![\\[y\\]](/x "a \\"b\\"")'),
        ("<p>a<em>“b”</em>c</p>", "a<em>“b”</em>c"),
        ("<p><b>one </b><b>two</b></p>", "**one** **two**"),
        ("<p>H<sub>2</sub>O <kbd>Ctrl</kbd> <code>a`b</code></p>", "H<sub>2</sub>O <kbd>Ctrl</kbd> ``a`b``"),
        ("<h2 class='x'>One #</h2><hr/><h3>Two</h3>", "## One \\#\n\n---\n\n### Two"),
        ("<ul><li>a<ol><li>b</li></ol></li></ul><ul><li>c</li></ul>", "- a\n  1. b\n\n* c"),
        ("<ol start='9'><li><p>a</p></li><li><p>b</p><p>c</p></li></ol>", "9. a\n\n10. b\n\n    c"),
        ("<blockquote>Said<ul><li>a</li></ul></blockquote>", "> Said\n>\n> - a"),
        ("<pre class='language-c++'><code>a\n\n```b\n</code></pre>", "````c++\na\n\n```b\n````"),
        ("<figure><img src='/a.png' alt='A'></figure>", "![A](/a.png)"),
        ("<figure><img src='/a.png' alt='A'><figcaption>Sea</figcaption></figure>", '![A](/a.png "Sea")'),
        (
            "<table><thead><tr><th>a</th><th style='text-align:right'>b</th></tr></thead>"
            "<tbody><tr><td>1|2</td><td align='right'>3<br>4</td></tr></tbody></table>",
            "| a | b |\n| --- | --: |\n| 1\\|2 | 3<br>4 |",
        ),
        ("<p>　indented　</p><p>&nbsp;</p>", "&#12288;indented&#12288;"),
        ("<h2 id='go'>Go on</h2><p><a href='#go'>up</a></p>", "## Go on\n\n[up](#h-go-on)"),
        ("<!-- gone --><script>gone</script><p onclick='x'>kept</p>", "kept"),
        ("<p style='text-align:center'>mid</p>", '<p class="align-center">mid</p>'),
        ("<pre>verse\n\n  two</pre>", "<pre>verse&#10;\n  two</pre>"),
        (
            "<figure><img src='/a.png' alt='A'><figcaption>By <a href='/b'>B</a></figcaption></figure>",
            '<figure>\n<img src="/a.png" alt="A">\n<figcaption>By <a href="/b">B</a></figcaption>\n</figure>',
        ),
        (
            "<details><summary>More</summary><p>Hidden</p></details>",
            "<details>\n<summary>More</summary>\n<p>Hidden</p>\n</details>",
        ),
    ],
)
def test_html_becomes_the_markdown_that_a_person_would_write(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown + "\n"
    assert shown(markdown) == meant(html)


def test_a_page_of_all_kinds_renders_as_its_html_does() -> None:
    html = (
        "<h2>Head</h2><p>Some <strong>words</strong></p><ul><li>one</li><li>two</li></ul>"
        "<pre><code class='language-python'>x = 1\n</code></pre><blockquote><p>said</p></blockquote>"
    )
    as_markdown = render(to_markdown(html)).html
    # The same HTML given to the renderer as it is, without blank lines, so that it passes as one piece of HTML.
    assert "".join(as_markdown.split()) == "".join(render(html).html.split())


def test_an_import_changes_links_and_pictures_on_the_way() -> None:
    def link(element: Element) -> Element | None:
        element.attributes["href"] = element.attributes["href"].replace("https://old.example", "")
        return element if element.attributes["href"] != "/gone" else None

    def picture(element: Element) -> Element:
        if "lost" in element.attributes["src"]:
            return Element("em", {}, [f"Picture: {element.attributes['alt']}"])
        element.attributes["src"] = "/media/kept.png"
        return element

    html = (
        "<p><a href='https://old.example/a'>a</a> <a href='https://old.example/gone'>b</a></p>"
        "<p><img src='x.png' alt='X'> <img src='lost.png' alt='L'></p><video src='/old.mp4'></video>"
    )
    changes = Changes(link, picture, lambda element: Element("a", {"href": element.attributes["src"]}, ["Film"]))
    assert to_markdown(html, changes) == "[a](/a) b\n\n![X](/media/kept.png) *Picture: L*\n\n[Film](/old.mp4)\n"


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co"))
    | st.sampled_from(list("*_`[]()<>#-+.!|~&\\ \n1:/")),
    max_size=12,
)
INLINE = st.recursive(
    WORDS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))
    | st.sampled_from(["<br>", "<img src=/a.png alt='x*y'>", "https://a.b/c", "&nbsp;"]),
    lambda inner: st.tuples(
        st.sampled_from(
            [
                "b",
                "em",
                "strong",
                "i",
                "s",
                "code",
                "sub",
                "kbd",
                "span",
                "a href='/x_y(z'",
                "a href='#q' title='t\"u'",
                "mark",
            ]
        ),
        st.lists(inner, max_size=3).map("".join),
    ).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>"),
    max_leaves=8,
)
LINE = st.lists(INLINE, max_size=4).map("".join)


def _items(tag: str, within: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inside = st.lists((LINE | within).map(lambda html: f"<li>{html}</li>"), max_size=4).map("".join)
    return inside.map(lambda html: f"<{tag}>{html}</{tag}>")


def _table(rows: list[list[str]]) -> str:
    head, *others = rows or [[]]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in others)
    return f"<table><thead><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr></thead><tbody>{body}</tbody></table>"


SIMPLE = st.one_of(
    LINE,
    st.tuples(st.sampled_from(["p", "p", "p", "h2", "h3", "div", "p align=center", "h4 id=x"]), LINE).map(
        lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>"
    ),
    WORDS.map(
        lambda text: f"<pre><code class='language-x'>{text.replace('&', '&amp;').replace('<', '&lt;')}</code></pre>"
    ),
    LINE.map(lambda html: f"<figure><img src='/f.png' alt='f'><figcaption>{html}</figcaption></figure>"),
    st.lists(st.lists(LINE, max_size=3), max_size=3).map(_table),
    st.just("<hr>"),
)
BLOCKS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        _items("ul", inner),
        _items("ol", inner),
        _items("ol start=7", inner).map(lambda html: html.replace("</ol start=7>", "</ol>")),
        st.lists(inner, max_size=3).map(lambda parts: f"<blockquote>{''.join(parts)}</blockquote>"),
        st.lists(inner, max_size=3).map(lambda parts: f"<details>{''.join(parts)}</details>"),
    ),
    max_leaves=6,
)
PAGES = st.lists(BLOCKS, max_size=5).map("".join)


@given(PAGES)
@settings(max_examples=60, deadline=None)
def test_whatever_html_says_comes_back_from_the_markdown(html: str) -> None:
    assert shown(to_markdown(html)) == meant(html)


@given(PAGES | st.text(st.sampled_from("<>/pbaliul \"='h#*&;!-"), max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_word_is_lost(html: str) -> None:
    whole = clean_text(text_of(soup.read(clean_text(html), Budget.start())))
    there = clean_text(text_of(normal(soup.read(to_html(to_markdown(html), Budget.start()), Budget.start()))))
    assert not Counter("".join(whole.split())) - Counter("".join(there.split()))


@pytest.mark.parametrize(
    "html",
    [
        "<" * 50_000,
        "<b>" * 25_000,
        "<b>a</b>" * 12_000,
        "<p>" + "*a " * 25_000,
        "<blockquote>" * 3000 + "a" * 25_000,
        "<ul><li>" * 3000 + "a",
        "<p>" + "[" * 50_000,
        "<p>" + "&lt;" * 50_000,
        "<pre><code>" + "`" * 50_000,
        "<p>a</p>" * 8_000,
        "<table>" + "<tr><td>a" * 5_000,
        "<h2 id=a>a</h2><a href='#a'>b</a>" * 5_000,
    ],
    ids=lambda html: html[:12],
)
def test_nasty_html_ends_soon(html: str) -> None:
    begun = time.thread_time()
    with contextlib.suppress(ContentRefused):
        to_markdown(html)
    assert time.thread_time() - begun < 6
