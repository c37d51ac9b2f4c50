"""Slugs, tags’ keys, excerpts and addresses: small rules that everything relies on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.content.slugs import LONGEST_SLUG, is_slug, numbered, slugify, tag_key
from blog.content.text import clean_text, has_forbidden, plain_excerpt
from blog.content.urls import clean_url


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("Привет, мир", "привет-мир"),
        ("  Ünïcode  Straße ", "ünïcode-strasse"),
        ("C++ & Rust: 1.0", "c-rust-1-0"),
        ("日本語の題名", "日本語の題名"),
        ("🎉🎉🎉", ""),
        ("---", ""),
        ("../../etc/passwd", "etc-passwd"),
        ("مرحبا بالعالم", "مرحبا-بالعالم"),
    ],
)
def test_a_title_becomes_an_address(title: str, slug: str) -> None:
    assert slugify(title) == slug


@given(st.text(max_size=300))
def test_an_address_is_always_one_or_empty(title: str) -> None:
    slug = slugify(title)
    assert slug == "" or is_slug(slug)
    assert len(slug) <= LONGEST_SLUG
    assert slugify(slug) == slug


@pytest.mark.parametrize(
    "odd", ["", ".", "..", "a/b", "a b", "a?b", "post.md", "feed.xml", "x" * 81, "a\0b", "%2e", "a\n"]
)
def test_what_is_no_address(odd: str) -> None:
    assert not is_slug(odd)


@given(st.integers(0, 30))
def test_a_clash_gets_the_next_number(already: int) -> None:
    taken = {"same", *(f"same-{number}" for number in range(2, already + 2))} if already else set()
    assert numbered("same", taken) not in taken


@given(st.text(max_size=40))
def test_case_and_width_make_no_new_tag(name: str) -> None:
    assert tag_key(tag_key(name)) == tag_key(name)
    assert tag_key(f"  {name}  ") == tag_key(name)


def test_python_and_python_are_one_tag() -> None:
    assert len({tag_key(name) for name in ("Python", "python", " PYTHON ", "ｐｙｔｈｏｎ")}) == 1


@given(st.text(max_size=200))
def test_clean_text_is_clean_and_stays_so(text: str) -> None:
    clean = clean_text(text)
    assert not has_forbidden(clean)
    assert clean_text(clean) == clean
    clean.encode()


@given(st.text(max_size=400), st.integers(1, 300))
def test_an_excerpt_fits(text: str, limit: int) -> None:
    assert len(plain_excerpt(text, limit)) <= limit


@pytest.mark.parametrize("bad", ["javascript:alert(1)", " javascript:x", "java\nscript:x", "data:text/html,x", "vbscript:x",
                                 "file:///etc/passwd", "http://[::1", "https://", "http://a b/"])  # fmt: skip
def test_addresses_that_nobody_should_follow(bad: str) -> None:
    assert clean_url(bad) is None


@given(st.text(max_size=60))
def test_a_cleaned_address_stays_as_it_is(written: str) -> None:
    once = clean_url(written)
    assert once is None or clean_url(once) == once
