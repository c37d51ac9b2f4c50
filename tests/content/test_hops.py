"""Redirects that lead from one address to another: circles are found, however long, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from blog.content.hops import circle, clean_target, path_of, within

BASE = "http://127.0.0.1:8000"
places = st.sampled_from([f"/{letter}" for letter in "abcdefgh"])


def comes_to_an_end(start: str, ways: dict[str, str]) -> bool:
    """Follow as many hops as there are places; who has not come to an end by then goes round."""
    here = start
    for _ in range(len(ways) + 1):
        if here not in ways:
            return True
        here = ways[here]
    return False


@given(st.dictionaries(places, places), places)
def test_a_circle_is_found_exactly_where_a_reader_would_never_arrive(ways: dict[str, str], start: str) -> None:
    found = circle(start, ways.get)
    assert bool(found) is not comes_to_an_end(start, ways)
    for here, following in zip(found, [*found[1:], *found[:1]], strict=True):
        assert ways[here] == following


@given(st.dictionaries(places, places))
def test_what_is_known_to_end_is_remembered_and_never_wrong(ways: dict[str, str]) -> None:
    ending: set[str] = set()
    found = {start: bool(circle(start, ways.get, ending)) for start in ways}
    assert found == {start: not comes_to_an_end(start, ways) for start in ways}
    assert all(comes_to_an_end(place, ways) for place in ending)


@given(st.text(alphabet=st.sampled_from("/.\\%2eab?#:h@ \t"), max_size=12))
def test_a_path_stays_on_this_site_and_holds_no_dots_to_resolve(rest: str) -> None:
    target = clean_target(f"/{rest}")
    if target is not None:
        assert target.startswith("/")
        assert not target.startswith("//")
        assert not {".", ".."} & set(path_of(target).split("/"))
        assert clean_target(target) == target


def test_only_this_site_and_pages_elsewhere_can_be_led_to() -> None:
    for bad in ("javascript:alert(1)", "//evil.test", "/\\evil.test", "data:text/html,x", "ftp://a.test/", "mailto:a@b.c",
                "posts/x", "", "https://", "https:/\\"):  # fmt: skip
        assert clean_target(bad) is None, bad
    assert clean_target("https://shop.example.org/ä?b=1") == "https://shop.example.org/%C3%A4?b=1"
    assert clean_target("/a/../b") == "/b"
    assert clean_target("/a/%2E%2e/b#c") == "/b#c"


def test_addresses_of_this_site_lose_their_host() -> None:
    assert within("http://127.0.0.1:8000/posts/x?y", BASE) == "/posts/x?y"
    assert within("HTTPS://127.0.0.1:8000", BASE) == "/"
    assert within("https://elsewhere.test/x", BASE) == "https://elsewhere.test/x"
    assert path_of("/posts/%C3%A9t%C3%A9/?a#b") == "/posts/été"
    assert path_of("https://elsewhere.test/x") == ""
