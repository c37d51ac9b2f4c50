"""What is worth a look before publishing: found where it is, and never at the cost of an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.content.checklist import Draft, check, outline_of
from blog.content.colours import READABLE, contrast, ink_on
from blog.content.markdown import render

PIECES = st.sampled_from(
    ["words", "", "# One", "### Three", "- item", "> quote", "[](/x)", "![](/y.png)", "[a](#b)", "<img src=/z>", "<a href='/q'></a>",
     "| a | b |", "|---|---|", "```", "[^1]", "[^1]: note", "<h2>", "</h2>", "\\", "**", "&amp;", "    code"]
)  # fmt: skip


def told(body: str, lost: tuple[str, ...] = (), **more: str) -> dict[str, list[tuple[str, int | None]]]:
    """Give the places of each check that is not fine, as field and line."""
    draft = Draft(title="T", body=body, html=str(render(body).html), description="D", tags=["t"], **more)  # type: ignore[arg-type]  # only words are given
    return {
        one.name: [(place.field, place.line) for place in one.places]
        for one in check(draft, outline_of(body), lost, {})
        if not one.is_fine
    }


@pytest.mark.parametrize(
    ("body", "name", "line"),
    [
        ("One\n\ntwo ![](/a.png)", "Pictures", 3),
        ("- a\n- b\n  ![](/a.png)", "Pictures", 3),
        ('<figure>\n<img src="/a.png">\n</figure>', "Pictures", 2),
        ("> q\n>\n> [](/a)", "Words of links", 3),
        ("x\n\n<p>\n<a href='/a'> </a>\n</p>", "Words of links", 4),
        ("a <a href='/a'></a>", "Words of links", 1),
        ("## Two\n\n#### Four", "Headings", 3),
        ("One\n===\n\nx\n\n<h3>Three</h3>", "Headings", 6),
        ("[lost](/lost)", "Links within the site", 1),
        ("[a]\n\n[a]: /lost", "Links within the site", 1),
        ("x\n[b](#c)", "Links to a place in a page", 2),
        (" ", "Text", None),
    ],
)
def test_each_thing_is_found_on_its_line(body: str, name: str, line: int | None) -> None:
    assert told(body, lost=("/lost",)) == {name: [("body", line)]}


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_the_words_of_a_cover_can_be_read_on_every_colour(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= READABLE
    assert told("x", cover_alt="A hill", cover_colour=colour) == {}


def test_words_that_could_not_be_read_on_the_cover_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blog.content.checklist.ink_on", lambda colour: "#777777")
    found = told("x", cover_alt="A hill", cover_colour="#808080")
    assert found == {"Contrast of the words on the cover": [("cover", None)]}


@pytest.mark.parametrize(
    "body",
    [
        "## Two\n\n### Three\n\n## Two\n\n[up](#two) [text](/fine) ![alt](/a.png)",
        "[![A hill](/a.png)](/b)",
        "<a href='/b'><img src='/a.png' alt='A hill'></a>",
        "<p>\n<a href='/b'><img src='/a.png' alt='A hill'></a>\n</p>",
        "`[](/x)`\n\n```\n![](/y)\n```",
        "Note[^1].\n\n[^1]: Words.",
        "https://example.org/ and <https://example.org/>",
        '<h2 id="mine">Mine</h2>\n\n[there](#mine)',
        "### Three first",
    ],
)
def test_what_is_in_order_is_left_alone(body: str) -> None:
    assert told(body) == {}


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=25))
def test_any_text_can_be_looked_at_and_lines_are_lines_of_it(lines: list[str]) -> None:
    body = "\n".join(lines)
    for places in told(body, lost=("/x", "/y.png", "/q")).values():
        assert all(line is None or 1 <= line <= max(1, len(lines)) for _field, line in places)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_no_text_breaks_it(body: str) -> None:
    told(body)


@given(st.lists(st.sampled_from(["Words.", "# A", "- b", "1. c"]), max_size=12), st.integers(0, 12))
def test_a_picture_between_other_blocks_is_found_where_it_stands(lines: list[str], place: int) -> None:
    blocks = [*lines[:place], "![](/lonely.png)", *lines[place:]]
    number = 2 * min(place, len(lines)) + 1
    assert ("body", number) in told("\n\n".join(blocks))["Pictures"]
