"""Texts of WordPress' two editors as they will stand here: blocks, shortcodes, paragraphs."""

import time
from pathlib import Path

import pytest
from cast import TODAY
from hypothesis import given, settings
from hypothesis import strategies as st
from transfer.old_site import png

from blog.content.markdown import render
from blog.media import LARGEST_PICTURE, LARGEST_RECORDING
from blog.transfer.convert import PENDING, Converted
from blog.transfer.folder import Folder
from blog.transfer.places import Places
from blog.transfer.source import NotAPost, SourcePost
from blog.transfer.wordpress.blocks import Blocks
from blog.transfer.wordpress.paragraphs import with_paragraphs
from blog.transfer.wordpress.reading import Item
from blog.transfer.wordpress.shortcodes import Shortcodes
from blog.transfer.wordpress.sites import OldSite
from blog.transfer.wordpress.texts import Texts
from blog.transfer.wordpress.uploads import Uploads

SITE = "https://old.example"
FILES = f"{SITE}/wp-content/uploads/2019"


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    """The texts of a site with two pictures, a sound and a shared block."""
    site = OldSite()
    site.learn(SITE)
    uploads = Uploads(site, Folder(tmp_path, None), False)
    for number, name, caption in (("5", "a.png", "One"), ("6", "b.png", ""), ("7", "c.mp3", "")):
        (tmp_path / "2019").mkdir(exist_ok=True)
        (tmp_path / "2019" / name).write_bytes(png(f"#0000{number}0") if name.endswith("png") else b"ID3" + b"\0" * 99)
        facts = {"post_id": number, "attachment_url": f"{FILES}/{name}", "title": f"File {number}", "excerpt": caption}
        uploads.take_in(Item(facts | {"post_parent": "1"}, meta={"_wp_attachment_image_alt": [f"Alt {number}"]}))
    return Texts(uploads, {"2": "post 2"}, {"9": "<p>Shared</p>"}.get)


def converted(texts: Texts, body: str, **variables: str) -> Converted:
    places = Places(TODAY)
    other = _post("post 2", "other", "")
    places.add(other, "other")
    return texts.convert(_post("post 1", "this", body, **variables), places, {})


def _post(file: str, slug: str, body: str, **variables: str) -> SourcePost:
    return SourcePost(
        file=file, kind="wordpress", title=slug, slug=slug, date=TODAY, updated=None, authors=("ana",), tags=(), excerpt="",
        is_draft=False, aliases=(), permalinks=(f"/2019/{slug}",), body=body, body_line=1, variables={"id": "1", **variables},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("One.\n\nTwo\nlines.", "<p>One.</p>\n<p>Two<br />\nlines.</p>\n"),
        (
            "<h2>A</h2>\nText\n<ul>\n<li>x</li>\n</ul>\nEnd",
            "<h2>A</h2>\n<p>Text</p>\n<ul>\n<li>x</li>\n</ul>\n<p>End</p>\n",
        ),
        ("<pre>a\n\n b</pre>", "<pre>a\n\n b</pre>\n"),
        ("<blockquote>a\n\nb</blockquote>", "<blockquote><p>a</p>\n<p>b</p></blockquote>\n"),
        ("a<br><br>b", "<p>a</p>\n<p>b</p>\n"),
        ("<img\nsrc='x'>", "<p><img\nsrc='x'></p>\n"),
        ("<table>\n<tr>\n<td>x\ny</td>\n</tr>\n</table>", "<table>\n<tr>\n<td>x<br />\ny</td>\n</tr>\n</table>\n"),
        (" \n\n ", ""),
    ],
)
def test_classic_text_has_paragraphs_where_its_writer_left_lines_empty(text: str, becomes: str) -> None:
    assert with_paragraphs(text) == becomes


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("<!-- wp:paragraph -->\n<p>One <strong>two</strong></p>\n<!-- /wp:paragraph -->", "One **two**\n"),
        ('<!-- wp:heading {"level":3} -->\n<h3>Head</h3>\n<!-- /wp:heading -->', "### Head\n"),
        ("<!-- wp:list --><ul><!-- wp:list-item --><li>a</li><!-- /wp:list-item --></ul><!-- /wp:list -->", "- a\n"),
        ("<!-- wp:quote --><blockquote><p>q</p></blockquote><!-- /wp:quote -->", "> q\n"),
        ("<!-- wp:separator --><hr class='x'/><!-- /wp:separator -->", "---\n"),
        ("<!-- wp:code --><pre class='wp-block-code'><code>a &lt; b</code></pre><!-- /wp:code -->", "```\na < b\n```\n"),
        ('<!-- wp:block {"ref":9} /-->', "Shared\n"),
        ("<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph --><!-- wp:more --><!--more--><!-- /wp:more --><p>b</p>", "a\n\nb\n"),
        ("<!-- wp:shortcode -->\nPlain\n<!-- /wp:shortcode -->", "Plain\n"),
        ("<!-- wp:paragraph --><p>x</p><!-- /wp:paragraph --><!-- wp:query-no-results --><p>None.</p><!-- /wp:query-no-results -->", "x\n"),
        ('<!-- wp:social-links --><ul><!-- wp:social-link {"url":"https://x.example/me","service":"x"} /--></ul><!-- /wp:social-links -->',
         "- [x](https://x.example/me)\n"),
    ],
)  # fmt: skip
def test_blocks_become_what_they_show(text: str, markdown: str, texts: Texts) -> None:
    assert converted(texts, text).body == markdown


def test_an_embedded_page_becomes_a_link_to_it(texts: Texts) -> None:
    block = (
        '<!-- wp:embed {"url":"https://video.example/1"} --><figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n'
        "https://video.example/1\n</div><figcaption>Film</figcaption></figure><!-- /wp:embed -->"
    )
    html = render(converted(texts, block).body).html
    assert '<a href="https://video.example/1"' in html
    assert "Film" in html


def test_footnotes_stand_at_the_end_with_links_both_ways(texts: Texts) -> None:
    text = '<!-- wp:paragraph --><p>See<sup data-fn="n1" class="fn"><a href="#n1" id="n1-link">1</a></sup></p><!-- /wp:paragraph --><!-- wp:footnotes /-->'
    html = render(converted(texts, text, footnotes='[{"content":"The <em>note</em>","id":"n1"}]').body).html
    assert "The <em>note</em>" in html
    assert html.count('href="#user-n1"') == html.count('href="#user-n1-link"') == 1


def test_what_is_made_anew_on_each_visit_is_told(texts: Texts) -> None:
    found = converted(texts, '<!-- wp:latest-posts {"postsToShow":3} /--><!-- wp:acme/map /--><!-- wp:post-title /-->')
    assert found.body == ""
    assert [reason for _, reason in found.doubts] == ["What these blocks showed is not here: latest-posts, acme/map."]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('[caption id="x" align="left" width="3"]<img src="{0}/a.png" alt="A" /> Words <em>here</em>[/caption]',
         ["/media/pending-", "Words <em>here</em>", "<figcaption>"]),
        ('[caption caption="Old"]<a href="{0}/a.png"><img src="{0}/a.png"></a>[/caption]', ["<figcaption>Old"]),
        ('[gallery ids="5,6"]', ['alt="Alt 5"', 'alt="Alt 6"', "<figcaption>One"]),
        ("[gallery]", ['alt="Alt 5"', 'alt="Alt 6"']),
        ('[gallery exclude="5" link="none"]', ['alt="Alt 6"']),
        ("[embed]https://video.example/1[/embed]", ['href="https://video.example/1"']),
        ('[audio mp3="{0}/c.mp3"][/audio]', ["<audio", "/media/pending-"]),
        ("[audio]", ["<audio", "/media/pending-"]),
        ('[video src="https://else.example/f.mp4" poster="{0}/a.png"]', ['<video src="https://else.example/f.mp4"', "poster="]),
        ("[playlist]", ["<audio", "File 7"]),
        ('[code language="x-y"]a &lt; b\n\n[gallery][/code]', ['<code class="language-x-y', "a &lt; b\n\n[gallery]"]),
        ("[youtube https://www.youtube.com/watch?v=abc]", ['href="https://www.youtube.com/watch?v=abc"']),
        ("[vimeo 123]", ['href="https://vimeo.com/123"']),
    ],
)  # fmt: skip
def test_shortcodes_become_what_they_show(text: str, shown: list[str], texts: Texts) -> None:
    found = converted(texts, text.replace("{0}", FILES))
    html = render(found.body).html
    for part in shown:
        assert part in html.replace("\n\n\n", "\n\n")
    assert found.doubts == ()
    assert "[caption" not in html


@pytest.mark.parametrize(
    "text",
    [
        "[1] and [see below]",
        "array[0] = [x]",
        "[Gallery]",
        "[galleryx ids='5']",
        "[[gallery]]",
        "[caption without an end",
        "[sic]",
    ],
)
def test_what_only_looks_like_a_shortcode_stays(text: str, texts: Texts) -> None:
    found = converted(texts, text)
    assert render(found.body).text.replace("’", "'") == text.replace("[[", "[").replace("]]", "]")
    assert "<img" not in render(found.body).html


def test_the_shortcode_of_an_extension_stays_as_text_and_is_told(texts: Texts) -> None:
    found = converted(texts, '[contact-form-7 id="5" title="Write"]')
    assert "contact-form-7" in render(found.body).text
    assert found.doubts[0][1].startswith('The shortcode [contact-form-7 id="5" title="Write"] is not known here')


def test_links_find_posts_files_and_tags_and_dead_ones_are_told(texts: Texts) -> None:
    text = (
        f'<a href="{SITE}/2019/other/#more-4">a</a> <a href="http://www.old.example/2019/other">b</a> <a href="/?p=2">c</a> '
        f'<a href="{SITE}">d</a> <a href="{SITE}/gone/">e</a> <a href="{FILES}/c.mp3">f</a> <a href="https://else.example/">g</a>'
    )
    found = converted(texts, text)
    digest = next(iter(found.files))
    assert found.body == (
        "[a](/posts/other) [b](/posts/other) [c](/posts/other) [d](/) "
        f"[e]({SITE}/gone/) [f]({PENDING}{digest}) [g](https://else.example/)\n"
    )
    assert [reason for _, reason in found.doubts] == [f"The link to {SITE}/gone/ leads to nothing in this import."]


def test_a_recording_may_be_larger_than_any_picture(texts: Texts, tmp_path: Path) -> None:
    for name, size in (("long.mp3", LARGEST_PICTURE + 1), ("endless.mp3", LARGEST_RECORDING + 1)):
        with (tmp_path / "2019" / name).open("wb") as file:
            file.truncate(size)
    found = converted(texts, f'[audio src="{FILES}/long.mp3"][audio src="{FILES}/endless.mp3"]')
    assert list(found.files.values()) == [tmp_path / "2019" / "long.mp3"]
    assert found.doubts == ((None, f"The file {FILES}/endless.mp3 is missing: The file is larger than 100 MB."),)


@pytest.mark.parametrize(
    "unit",
    [
        "<pre>",
        "[caption]",
        "[gallery",
        "<!-- wp:paragraph -->",
        "<p><li",
        "<br>\n",
        "[[code]",
        "\n \n",
        "<!--",
        " \t",
        "[code][",
    ],
)
def test_texts_that_are_all_beginnings_take_no_long_time(unit: str, texts: Texts) -> None:
    body = unit * (200_000 // len(unit))
    begun = time.thread_time()
    with_paragraphs(body)
    Blocks(lambda _: None).html(body)
    codes = Shortcodes(texts.uploads, "1")
    codes.media(codes.code(body))
    assert time.thread_time() - begun < 3.0


@given(st.text(alphabet="ab <>/[]=\"'\n!-{}:pliuwrdcaonegtmh", max_size=300))
@settings(max_examples=150)
def test_any_text_becomes_something_that_can_be_rendered(body: str) -> None:
    site = OldSite()
    site.learn(SITE)
    texts = Texts(Uploads(site, None, False), {}, {}.get)
    try:
        render(texts.convert(_post("post 1", "this", body), Places(TODAY), {}).body)
    except NotAPost as refused:
        pytest.fail(str(refused))
