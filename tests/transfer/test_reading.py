"""One file as a post: title, date, address, authors, tags, old addresses."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.models.post import LONGEST_EXCERPT, LONGEST_TITLE
from blog.transfer.addresses import as_path
from blog.transfer.dates import read_date
from blog.transfer.reading import read_source
from blog.transfer.source import NOBODY, NotAPost, SourcePost


def read(head: str, file: str = "hello.md", body: str = "Text.\n") -> SourcePost:
    return read_source(file, f"---\ntitle: Hello\n{head}\n---\n{body}".encode())


def reasons(post: SourcePost) -> str:
    return "\n".join(f"{line}: {reason}" for line, reason in post.doubts)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-03-04", datetime(2016, 3, 4, tzinfo=UTC)),
        ("2016/3/4", datetime(2016, 3, 4, tzinfo=UTC)),
        ("2014-03-12T14:11:00Z", datetime(2014, 3, 12, 14, 11, tzinfo=UTC)),
        ("2014-03-12T14:11:00.123456789Z", datetime(2014, 3, 12, 14, 11, 0, 123456, tzinfo=UTC)),
        ("2016-04-01 09:00:00 -4", datetime(2016, 4, 1, 13, tzinfo=UTC)),
        ("2016-04-01 09:00 +05:30", datetime(2016, 4, 1, 3, 30, tzinfo=UTC)),
        ("2016-04-01T09:00:00-0400", datetime(2016, 4, 1, 13, tzinfo=UTC)),
        ("2016-04-01 9:05:00 PM", datetime(2016, 4, 1, 21, 5, tzinfo=UTC)),
        ("2016-04-01 12:05 am", datetime(2016, 4, 1, 0, 5, tzinfo=UTC)),
        ("2016-07-01 09:00 Europe/Paris", datetime(2016, 7, 1, 7, tzinfo=UTC)),
        ("2016-07-01 09:00:00 EDT", datetime(2016, 7, 1, 13, tzinfo=UTC)),
        ("Fri, 01 Jul 2016 09:00:00 -0700", datetime(2016, 7, 1, 16, tzinfo=UTC)),
        (datetime(2016, 7, 1, 9), datetime(2016, 7, 1, 9, tzinfo=UTC)),
        (datetime(2016, 7, 1, 9, tzinfo=timezone(timedelta(hours=2))), datetime(2016, 7, 1, 7, tzinfo=UTC)),
        (datetime(2016, 7, 1).date(), datetime(2016, 7, 1, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_any_zone(text: object, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(
    "text",
    ["2016-02-30", "2016-13-01", "2016-01-01 25:00", "0000-00-00 00:00:00", "tomorrow", "", "2016-01-01 09:00 Mars/Sea",
     "2016-01-01 09:00 ../../etc/passwd", "0001-01-01 00:00 +14:00", "9999-12-31 23:59 -12", "2016-01-01 09:00 +99:99", "0001-01-01",
     "0999-12-31", "9000-01-01", 7, []],
)  # fmt: skip
def test_dates_that_do_not_exist_are_none(text: object) -> None:
    assert read_date(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_dates(text: str) -> None:
    moment = read_date(text)
    assert moment is None or moment.tzinfo is not None


def test_the_date_comes_from_the_head_the_name_or_the_path() -> None:
    assert read("date: 2016-03-05", "2016-03-04-hello.md").date == datetime(2016, 3, 5, tzinfo=UTC)
    assert read("", "2016-03-04-hello.md").date == datetime(2016, 3, 4, tzinfo=UTC)
    assert read("", "posts/2016-03-04-hello/index.md").date == datetime(2016, 3, 4, tzinfo=UTC)
    assert read("path: 2025/06/26/Rust-1.88.0").date == datetime(2025, 6, 26, tzinfo=UTC)
    assert read("").date is None


def test_a_date_that_does_not_exist_is_doubtful_and_the_name_helps_out() -> None:
    post = read("date: 2016-02-31", "2016-03-04-hello.md")
    assert post.date == datetime(2016, 3, 4, tzinfo=UTC)
    assert "3: “2016-02-31” is not a date that a post can have." in reasons(post)


@pytest.mark.parametrize(
    ("head", "file", "slug"),
    [
        ("slug: my-own", "2016-03-04-hello.md", "my-own"),
        ("path: 2025/06/26/Rust-1.88.0", "rust.md", "Rust-1.88.0"),
        ("", "2016-03-04-TockingTime.md", "TockingTime"),
        ("", "2021-04-27-we_asked_our_coworkers.md", "we_asked_our_coworkers"),
        ("", "deep/in/2016-03-04-hello/index.md", "hello"),
        ("", "index.md", "index"),
        ("", "Ein schöner Tag.md", "ein-schöner-tag"),
        ("slug: '???'", "2016-03-04-name.md", "hello"),
        ("", "朝の散歩.md", "朝の散歩"),
    ],
)
def test_the_address_comes_from_the_head_the_path_or_the_name(head: str, file: str, slug: str) -> None:
    assert read(head, file).slug == slug


def test_an_address_that_had_to_change_is_told() -> None:
    post = read("", "2016-03-04-" + "very-" * 20 + "long.md")
    assert len(post.slug) <= 80
    assert "cannot be an address here" in reasons(post)


def test_authors_stand_in_their_order_each_once() -> None:
    assert read("authors:\n- leah\n- Ana Ruiz\n- leah").authors == ("leah", "Ana Ruiz")
    assert read("author: Ana  Ruiz, and others").authors == ("Ana Ruiz, and others",)
    assert read("authors: [{name: Ana Ruiz}, {id: leah}]").authors == ("Ana Ruiz", "leah")
    nobody = read("")
    assert nobody.authors == (NOBODY,)
    assert "names no author" in reasons(nobody)


def test_tags_are_one_whatever_their_case() -> None:
    assert read("tags: Python, python ,  Web  Design").tags == ("Python", "Web Design")
    assert read("tags: [a, B]\ncategories: [b, c]").tags == ("a", "B", "c")
    toml = b'+++\ntitle = "Hello"\n[taxonomies]\ntags = ["one", "two"]\n+++\n'
    assert read_source("a.md", toml).tags == ("one", "two")


@pytest.mark.parametrize(
    ("head", "is_draft"),
    [("draft: true", True), ("published: false", True), ("status: draft", True), ("draft: false", False), ("", False)],
)
def test_drafts_are_drafts(head: str, is_draft: bool) -> None:
    assert read(head).is_draft is is_draft
    assert read(head, "_drafts/hello.md").is_draft


def test_old_addresses_have_one_form() -> None:
    post = read("aliases: [2016/hello.html, /old/, 'https://old.example.org/older/?x=1#y']\nredirect_from: /oldest")
    assert post.aliases == ("/2016/hello.html", "/old", "/older", "/oldest")
    odd = read("aliases: ['/', '../../etc', 'mailto:a@b.c', 'a\tb']")
    assert odd.aliases == ()
    assert reasons(odd).count("cannot be an old address") == 4


def test_where_jekyll_showed_a_post_is_an_old_address_too() -> None:
    post = read("date: 2016-03-05 01:00 +0300", "2016-03-04-hello.md")
    assert post.permalinks == ("/2016/03/05/hello", "/2016/03/04/hello")
    assert read("", "2016-03-4-hello.md").permalinks == ("/2016/03/04/hello", "/2016/03/04/2016-03-4-hello")
    assert read("permalink: /2015/09/09/other/").permalinks == ("/2015/09/09/other",)
    assert read("permalink: /:year/:title/").permalinks == ()
    assert read("permalink: false").permalinks == ()
    zola = read_source("a.md", b'+++\ntitle = "A"\npath = "2025/06/26/A"\naliases = ["2025/06/26/A"]\n+++\n')
    assert (zola.aliases, zola.permalinks) == (("/2025/06/26/A",), ())


@given(st.text(max_size=80))
def test_an_old_address_is_a_plain_path_or_nothing(text: str) -> None:
    path = as_path(text)
    if path is not None:
        assert path.startswith("/")
        assert not path.endswith("/")
        assert "//" not in path
        assert ".." not in path.split("/")


def test_the_title_may_stand_in_the_text() -> None:
    post = read_source("notes.md", b"\n# A  day #\n\nText.\n")
    assert (post.title, post.body, post.body_line) == ("A day", "\nText.\n", 3)


def test_long_titles_and_excerpts_are_cut_and_told() -> None:
    post = read_source("a.md", f"---\ntitle: {'long ' * 90}\nexcerpt: {'much ' * 300}\n---\n".encode())
    assert len(post.title) <= LONGEST_TITLE
    assert len(post.excerpt) <= LONGEST_EXCERPT
    assert "2: The title is longer" in reasons(post)
    assert "3: The excerpt is longer" in reasons(post)


@pytest.mark.parametrize(
    ("file", "content", "line", "reason"),
    [
        ("_index.md", b"+++\ntitle = 'Blog'\n+++\n", None, "section"),
        ("README.md", b"# About this folder\n", None, "describes the folder"),
        ("a.md", b"Only text.\n", None, "no title"),
        ("a.md", b"---\ntemplate: x\n---\n", None, "no title"),
        ("a.md", b"---\ntitle: A\n---\n\nbad \xff byte\n", 5, "not UTF-8"),
        ("a.md", b"---\ntitle: [A\n---\n", 3, "YAML"),
        ("a.md", b"---\ntitle: A\n---\n" + b"x" * 900_001, None, "at most 900,000"),
    ],
)
def test_files_that_are_no_posts_are_left_out_with_the_reason(
    file: str, content: bytes, line: int | None, reason: str
) -> None:
    with pytest.raises(NotAPost, match=reason) as left_out:
        read_source(file, content)
    assert left_out.value.line == line


def test_control_characters_are_taken_out_and_told() -> None:
    post = read("excerpt: fine", body="one\ntwo\x00\x0b\nthree\n")
    assert post.body == "one\ntwo\nthree\n"
    assert "6: Control characters" in reasons(post)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("canonical_url: https://example.org/a b", ("https://example.org/a%20b", "", "")),
        ("canonicalUrl: HTTP://Example.org", ("http://example.org", "", "")),
        ("canonical: /posts/first", ("", "", "")),
        ("canonical_url: javascript:alert(1)", ("", "", "")),
        ("description: Only this", ("", "", "Only this")),
        ("description: For machines\nexcerpt: For readers", ("", "For machines", "For readers")),
    ],
)
def test_where_a_post_appeared_first_and_what_machines_are_told(head: str, told: tuple[str, str, str]) -> None:
    post = read(head)
    assert (post.canonical_url, post.description, post.excerpt) == told
    assert bool(post.doubts) >= (not any(told))
