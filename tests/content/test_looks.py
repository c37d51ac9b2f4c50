"""Colours that can be read whatever was chosen, and cards that can be drawn whatever a title holds."""

import re
from io import BytesIO
from math import degrees

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from blog.content.cards import BAND, MARGIN, PAPER, SIZE, card
from blog.content.colours import ACCENT, ENOUGH, PAPERS, accents, contrast, oklch
from blog.settings import ROOT

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
TOKENS = (ROOT / "static/css/tokens.css").read_text()


@given(COLOURS)
@example("#000000")
@example("#ffffff")
@example("#ffff00")
@example("#0000ff")
def test_every_accent_can_be_read_on_paper_and_on_wash_in_both_schemes(chosen: str) -> None:
    pair = accents(chosen)
    assert pair is not None
    for colour, papers in zip(pair, PAPERS.values(), strict=True):
        assert min(contrast(colour, paper) for paper in papers) >= 4.5


@given(COLOURS)
@example("#0a1a4a")
@example("#0000ff")
@example("#a79781")
def test_an_accent_keeps_its_hue(chosen: str) -> None:
    _, chroma, hue = oklch(chosen)
    for made in accents(chosen) or ():
        _, kept, moved = oklch(made)
        # Of colours that are nearly grey, eight bits a channel tell no exact hue.
        if min(chroma, kept) > 0.03:
            turned = abs(degrees(moved - hue)) % 360
            assert min(turned, 360 - turned) < 4


def test_a_colour_too_dark_for_the_night_is_lighter_there_and_no_greyer() -> None:
    (before, chroma, _), (after, kept, _) = oklch("#0a1a4a"), oklch((accents("#0a1a4a") or ("", ""))[1])
    assert after > before
    assert kept == pytest.approx(chroma, abs=0.01)


@given(st.integers(0, 255))
def test_greys_stay_grey(shade: int) -> None:
    for made in accents(f"#{shade:02x}{shade:02x}{shade:02x}") or ():
        assert made[1:3] == made[3:5] == made[5:7]


@given(COLOURS)
def test_an_accent_that_is_chosen_again_stays_and_is_moved_no_further_than_needed(chosen: str) -> None:
    for place, (made, papers) in enumerate(zip(accents(chosen) or (), PAPERS.values(), strict=True)):
        assert (accents(made) or ("", ""))[place] == made
        assert made == chosen or min(contrast(made, paper) for paper in papers) < ENOUGH + 0.1


def test_a_colour_that_can_be_read_stays_as_it_was_chosen() -> None:
    assert (accents("#1c4f82") or ("",))[0] == "#1c4f82"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#12345g", "#FFFFFF\n", "url(x)", "}"])
def test_what_is_no_colour_is_none(text: str) -> None:
    assert accents(text) is None


def test_the_backgrounds_and_the_accent_are_those_of_the_theme() -> None:
    for token, place in (("paper", 0), ("wash", 1)):
        found = re.search(rf"--{token}: light-dark\((#\w+), (#\w+)\)", TOKENS)
        assert found
        assert found.groups() == (PAPERS["light"][place], PAPERS["dark"][place])
    assert f"--accent: light-dark({ACCENT}," in TOKENS


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=250), st.text(max_size=100), st.text(max_size=200))
@example("word " * 60, "Field Notes", "Mei Lin")
@example("W" * 250, "W" * 100, "W" * 200)
@example("山歩きの手帖 👩‍🚀", "مرحبا", "")
def test_a_card_is_drawn_for_any_title_and_keeps_its_margins(title: str, site: str, byline: str) -> None:
    drawn = card(title, site, byline, ACCENT)
    assert len(drawn) < 60_000
    image = Image.open(BytesIO(drawn)).convert("RGB")
    assert image.size == SIZE
    paper = tuple(int(PAPER[at : at + 2], 16) for at in (1, 3, 5))
    for box in (
        (BAND + 1, 0, *(SIZE[0], MARGIN // 2)),
        (SIZE[0] - MARGIN // 2, 0, *SIZE),
        (BAND + 1, SIZE[1] - 20, *SIZE),
    ):
        colours = image.crop(box).getcolors()
        assert colours is not None
        assert all(max(abs(a - b) for a, b in zip(colour, paper, strict=True)) < 8 for _, colour in colours)


def test_the_same_words_make_the_same_card() -> None:
    assert card("Hills", "Field Notes", "Mei", ACCENT) == card("Hills", "Field Notes", "Mei", ACCENT)
    assert card("Hills", "Field Notes", "Mei", ACCENT) != card("Hills!", "Field Notes", "Mei", ACCENT)
