"""A post's text as it will stand here: pictures, links, shortcodes."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.content.markdown import render
from blog.transfer.anchors import dead_anchors
from blog.transfer.convert import PENDING, Converted, convert
from blog.transfer.folder import Folder
from blog.transfer.places import Places
from blog.transfer.reading import read_source
from blog.transfer.source import SourcePost

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00\x00\x00\x00\x00,"
KEPT = PENDING + sha256(PIXEL).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a picture beside the posts, one in a bundle, one under assets and one outside."""
    for file in ("blog/cat.png", "blog/bundle/dog.png", "blog/with space.png", "assets/img/bird.png", "secret.png"):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PIXEL)
    return tmp_path


def converted(root: Path, body: str, *, head: str = "", file: str = "hello.md", kind: str = "---") -> Converted:
    post = source(body, head, file, kind)
    places = Places(NOW)
    for other in (
        post,
        source("", "permalink: /2016/03/01/other/\naliases: [/old/other.html]\ntags: [Green Tea]", "notes/other.md"),
        source("", "", "bundle/index.md"),
    ):
        places.add(other, other.slug)
    return convert(post, Folder(root / "blog", root), places, {})


def source(body: str, head: str = "", file: str = "hello.md", kind: str = "---") -> SourcePost:
    title = "title: Hello\nauthor: Ana" if kind == "---" else "title = 'Hello'\nauthor = 'Ana'"
    return read_source(file, f"{kind}\n{title}\n{head}\n{kind}\n{body}".encode())


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("![A cat](cat.png)", f"![A cat]({KEPT})"),
        ('![A cat](./cat.png "Our cat")', f'![A cat]({KEPT} "Our cat")'),
        ("![A cat](<with space.png>)", f"![A cat]({KEPT})"),
        ("![A cat](with%20space.png)", f"![A cat]({KEPT})"),
        ("![A [small] cat](cat.png?raw=1)", f"![A [small] cat]({KEPT})"),
        ("[![A cat](cat.png)](bundle/dog.png)", f"[![A cat]({KEPT})]({KEPT})"),
        ("![](/assets/img/bird.png)", f"![]({KEPT})"),
        ("![A cat][cat]\n\n[cat]: cat.png", f"![A cat][cat]\n\n[cat]: {KEPT}"),
        ('<img src="cat.png" alt="A &amp; cat" width="3">', f"![A & cat]({KEPT})"),
        ("Look: <img alt='A cat' src='cat.png'/> here", f"Look: ![A cat]({KEPT}) here"),
        ('<p>\n<img src="cat.png" alt="A cat">\n</p>', f'<p>\n<img src="{KEPT}" alt="A cat">\n</p>'),
        ('<div><noscript><img src="cat.png"></noscript></div>', f'<div><img src="{KEPT}"></div>'),
        ('{% image "assets/img/bird.png" "A "small" bird" %}', f'![A "small" bird]({KEPT})'),
        ('{% image_with_class "assets/img/bird.png" "wide" "A bird" %}', f"![A bird]({KEPT})"),
        ('<img src="{{ site.baseurl }}/assets/img/bird.png" alt="A bird" />', f"![A bird]({KEPT})"),
        ('![A bird]({{ "/assets/img/bird.png" | url }})', f"![A bird]({KEPT})"),
        (
            '{% include "linked-figure.html",\n  image: "/assets/img/bird.png",\n  alt: "A bird",\n  caption: "It flew" %}',
            f'![A bird]({KEPT} "It flew")',
        ),
        ('{{< figure src="/assets/img/bird.png" alt="A bird" >}}', f"![A bird]({KEPT})"),
        ('{% image "assets/img/bird.png" "width-300px" "A bird" %}', f"![A bird]({KEPT})"),
        (
            '<figure>\n{% image "assets/img/bird.png", "A & "b"" %}\n</figure>',
            f'<figure>\n<img src="{KEPT}" alt="A &amp; &quot;b&quot;">\n</figure>',
        ),
        (
            '<div>\n{{< figure src="/assets/img/bird.png" alt="A bird" title="x" link="https://example.org" >}}</div>',
            f'<div>\n<a href="https://example.org"><img src="{KEPT}" alt="A bird" title="x"></a></div>',
        ),
        ("![A cat](cat.png){: .wide width='3'}", f"![A cat]({KEPT})"),
    ],
)
def test_pictures_that_are_there_become_markdown(root: Path, text: str, becomes: str) -> None:
    found = converted(root, text)
    assert found.body == becomes + "\n"
    assert found.doubts == ()
    assert list(found.pictures) == [KEPT.removeprefix(PENDING)]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("![A fox](fox.png)", "*Picture: A fox*"),
        ("![](fox.png)", "*Picture: fox.png*"),
        ('![A fox](fox.png "In snow")', "*Picture: A fox – In snow*"),
        ("[![A fox](fox.png)](https://example.org)", "[*Picture: A fox*](https://example.org)"),
        ("![A fox][f]\n\n[f]: fox.png", "*Picture: A fox*"),
        ('<figure>\n<img src="fox.png" alt="A fox">\n</figure>', "<figure>\n<em>Picture: A fox</em>\n</figure>"),
        ('{% image "assets/fox.jpg" "A fox" %}', "*Picture: A fox*"),
    ],
)
def test_pictures_that_are_missing_become_words_and_a_doubt(root: Path, text: str, becomes: str) -> None:
    found = converted(root, "First line.\n\n" + text)
    assert found.body == f"First line.\n\n{becomes}\n"
    assert "is missing: It is not in the folder." in found.doubts[0][1]
    assert found.doubts[0][0] in {8, 9, 10}
    assert "<img" not in render(found.body).html


@pytest.mark.parametrize(
    "address", ["../secret.png/../secret.png", "../../etc/passwd.png", "/../secret.png", "%2e%2e/secret.png"]
)
def test_pictures_outside_are_not_taken(tmp_path: Path, root: Path, address: str) -> None:
    post = source(f"![A secret]({address})")
    found = convert(post, Folder(root / "blog", None), Places(NOW), {})
    assert found.pictures == {}
    assert "It leads outside the folder." in found.doubts[0][1]


def test_a_link_of_the_file_system_that_leads_outside_is_not_followed(root: Path) -> None:
    (root / "blog/link.png").symlink_to(root / "secret.png")
    found = convert(source("![A secret](link.png)"), Folder(root / "blog", None), Places(NOW), {})
    assert found.pictures == {}
    assert "leads outside" in found.doubts[0][1]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("[other](notes/other.md)", "[other](/posts/other)"),
        ("[other](./notes/other.md#part)", "[other](/posts/other#h-part)"),
        ("[other](@/notes/other.md)", "[other](/posts/other)"),
        ("[other](/2016/03/01/other/)", "[other](/posts/other)"),
        ("[other](/old/other.html)", "[other](/posts/other)"),
        ('[other]({{ "/2016/03/01/other/" | url }})', "[other](/posts/other)"),
        ('[other]({{ "//2016/03/01/other/" | url }} "Its title")', '[other](/posts/other "Its title")'),
        ('[other]({{ "/2016/03/01/other/#a" | url }})', "[other](/posts/other#h-a)"),
        ("[other]({% post_url other %})", "[other](/posts/other)"),
        ('[other]({{< relref "other.md#part" >}})', "[other](/posts/other#h-part)"),
        ('[other]({{< ref "/notes/other" >}})', "[other](/posts/other)"),
        ("[other](notes/other.md#Ein%20Teil:~:text=a)", "[other](/posts/other#h-ein-teil:~:text=a)"),
        ("[ana](/author/ana/) [tea](/tag/green-tea/)", "[ana](/authors/ana) [tea](/tags/green-tea)"),
        ("[bundle](bundle/)", "[bundle](/posts/bundle)"),
        ('<a href="/2016/03/01/other/">other</a>', '<a href="/posts/other">other</a>'),
        ("[other][o]\n\n[o]: /2016/03/01/other/", "[other][o]\n\n[o]: /posts/other"),
        ("[home](/) [feed](/feed.xml) [note](#note)", "[home](/) [feed](/feed.xml) [note](#note)"),
        ("[far](https://example.org/x) [mail](mailto:a@b.c)", "[far](https://example.org/x) [mail](mailto:a@b.c)"),
    ],
)
def test_links_between_posts_lead_to_where_they_are_now(root: Path, text: str, becomes: str) -> None:
    found = converted(root, text)
    assert found.body == becomes + "\n"
    assert found.doubts == ()


def test_links_to_what_readers_cannot_see_yet_are_told(root: Path) -> None:
    post = source("[d](draft.md) [s](soon.md)")
    places = Places(NOW)
    for one in (post, source("", "draft: true", "draft.md"), source("", "date: 2027-01-01", "soon.md")):
        places.add(one, one.slug)
    found = convert(post, Folder(root / "blog", None), places, {})
    assert found.body == "[d](/posts/draft) [s](/posts/soon)\n"
    assert [reason.partition(" leads ")[2] for _, reason in found.doubts] == ["to what readers cannot see yet."] * 2


@pytest.mark.parametrize(
    ("text", "kind", "becomes"),
    [
        ("## Tea {#tea}", "+++", '## Tea <span id="tea"></span>'),
        ("## Tea {#tea .x} ##", "+++", '## Tea <span id="tea"></span> ##'),
        ("## Tea {: #tea}", "---", '## Tea <span id="tea"></span>'),
        ("## Tea {.x}", "---", "## Tea"),
        ("Tea.\n{: .lead}\n\nMore.", "---", "Tea.\n\nMore."),
        ("[a](https://example.org){:target='_blank'} b", "---", "[a](https://example.org) b"),
        ("`{:x}`\n\n    {:y}\n\n## `{#z}`", "---", "`{:x}`\n\n    {:y}\n\n## `{#z}`"),
        ("a{: .b} ## c {#d}", "+++", "a{: .b} ## c {#d}"),
    ],
)
def test_attribute_lists_are_read_and_not_shown(root: Path, text: str, kind: str, becomes: str) -> None:
    assert converted(root, text, kind=kind).body == becomes + "\n"


def test_links_within_a_page_that_lead_nowhere_are_told(root: Path) -> None:
    post = source("# Tea\n\n[a](#tea) [b](#gone)\n\n## Milk {#m}\n[c](#m)")
    html = render(convert(post, Folder(root, None), Places(NOW), {}).body).html
    assert list(dead_anchors(post, html)) == [(8, "The link to #gone leads to no heading of the post.")]


def test_links_that_lead_nowhere_are_told_with_their_line(root: Path) -> None:
    found = converted(root, 'One\n[x](/nowhere/)\n\n<a href="gone.md">y</a>\n\n[z]: /away\n')
    assert found.body.startswith("One\n[x](/nowhere/)")
    assert [line for line, _ in found.doubts] == [7, 9, 11]
    assert all("leads to nothing in this import" in reason for _, reason in found.doubts)


def test_shortcodes_that_are_not_understood_stay_and_are_told(root: Path) -> None:
    text = '{% include "a.html",\n one: 1 %}\n\n{{ youtube | x: 1 }}'
    found = converted(root, text)
    assert found.body == text + "\n"
    assert [line for line, _ in found.doubts] == [6, 9]
    assert "{{ youtube | x: 1 }}" in found.doubts[1][1]


def test_of_a_filter_that_is_not_understood_the_words_stay(root: Path) -> None:
    found = converted(root, "By {{ \"jeremy\" | team_link }} and {{'mei'|photo: 3}}.")
    assert found.body == "By jeremy and mei.\n"
    assert found.doubts[0] == (6, "The filter team_link is not understood; only “jeremy” stands there.")


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("{% raw %}{{ page.title }}{% endraw %}", "{{ page.title }}"),
        ("```\n{% raw %}{{ x }}{% endraw %}\n```", "```\n{{ x }}\n```"),
        ("a{% comment %}not shown{% endcomment %}b", "ab"),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}", "```ruby\nputs 1\n```"),
        ("![A bird]({{ image | url }})", f"![A bird]({KEPT})"),
        ('{{ "https://video.example/1" | embed: "A talk" }}', "[A talk](https://video.example/1)"),
        ("`{{ code }}` and\n\n    {{ more }}\n", "`{{ code }}` and\n\n    {{ more }}"),
        ('```\n![A cat](cat.png) {% image "x.png" %}\n```', '```\n![A cat](cat.png) {% image "x.png" %}\n```'),
        ("`![A cat](cat.png)` \\![A](b", "`![A cat](cat.png)` \\![A](b"),
    ],
)
def test_code_and_raw_text_stay_what_they_are(root: Path, text: str, becomes: str) -> None:
    assert converted(root, text, head="image: /assets/img/bird.png").body == becomes + "\n"


def test_text_without_front_matter_and_toml_have_no_liquid(root: Path) -> None:
    text = "A `{closure}` is {{closure}} and {% x %} and {{ 'a' | b }} and {: .c}"
    found = converted(root, text, kind="+++")
    assert (found.body, found.doubts) == (text + "\n", ())
    assert "not understood" in converted(root, '{{ youtube(id="x") }}', kind="+++").doubts[0][1]


def test_what_pages_do_not_show_is_told(root: Path) -> None:
    found = converted(root, 'One\n\n<iframe src="https://x.example"></iframe>\n\n![x](https://example.org/far.png)\n')
    assert [line for line, _ in found.doubts] == [8, 10]
    assert "<iframe>" in found.doubts[0][1]
    assert "on another site" in found.doubts[1][1]


def test_a_picture_beside_another_post_is_found_by_its_old_address(root: Path) -> None:
    post = source("![x](../../../../2016/02/02/bundle/dog.png)", "permalink: /2016/01/01/hello/")
    places = Places(NOW)
    for one in (post, source("", "permalink: /2016/02/02/bundle/", "bundle/index.md")):
        places.add(one, one.slug)
    found = convert(post, Folder(root / "blog", None), places, {})
    assert (found.body, found.doubts) == (f"![x]({KEPT})\n", ())


PIECES = st.lists(
    st.sampled_from(["[", "]", "(", ")", "!", "`", "``", "\n", "\n\n", "\\", "<img src=", '"', "'", ">", "<a href=", "{{",
                     "}}", "{%", "%}", "raw", "endraw", " ", "    ", "cat.png", "x", "- ", "> ", "[a]: ", "```\n", "<div>", "|"]),
    max_size=40,
)  # fmt: skip


@given(PIECES)
@settings(max_examples=300)
def test_no_text_breaks_the_converter(pieces: list[str]) -> None:
    text = "".join(pieces)
    post = source(text, "image: cat.png")
    found = convert(post, Folder(Path("/nonexistent"), None), Places(NOW), {})
    for line, _ in found.doubts:
        assert line is None or 1 <= line <= text.count("\n") + 7


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "](",
        "[a](",
        "<img ",
        "{{",
        "{% image ",
        "`",
        "{% raw %}",
        "![a][",
        "[a](b)",
        "[a](b '",
        "](x)",
        "[a]: ",
        "<a href='",
        "<!--",
    ],
)
def test_a_text_of_nothing_but_beginnings_takes_no_time(piece: str) -> None:
    post = source(piece * (60_000 // len(piece)), "image: cat.png")
    convert(post, Folder(Path("/nonexistent"), None), Places(NOW), {})
