"""Colours that can be read whatever was chosen, and cards that can be drawn whatever a title holds."""

import re
from io import BytesIO
from math import degrees
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageOps

from blog.content.cards import BAND, MOST_LINES, PAPER, SIZE, TITLE_SIZES, _fitted, card
from blog.content.colours import ACCENT, ENOUGH, PAPERS, accents, contrast, oklch
from blog.settings import ROOT

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
OUTER = 40
"""Pixels at the edges that only the band touches."""
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
@given(st.text(max_size=250), st.text(max_size=100), st.text(max_size=200), st.sampled_from(["ltr", "rtl"]))
@example("word " * 60, "Field Notes", "Mei Lin", "ltr")
@example("W" * 250, "W" * 100, "W" * 200, "ltr")
@example("W" * 250, "W" * 100, "W" * 200, "rtl")
@example("Ǻ̂g " * 60, "Ǻg", "Ǻg", "ltr")
@example("山歩きの手帖 👩‍🚀", "مرحبا", "", "rtl")
def test_a_card_is_drawn_for_any_title_and_keeps_its_margins(
    title: str, site: str, byline: str, direction: str
) -> None:
    drawn = card(title, site, byline, ACCENT, direction)
    assert len(drawn) < 60_000
    image = Image.open(BytesIO(drawn)).convert("RGB")
    assert image.size == SIZE
    if direction == "rtl":
        image = ImageOps.mirror(image)
    width, height = SIZE
    for box in (
        (BAND, 0, width, OUTER),
        (BAND, height - OUTER, width, height),
        (BAND, 0, OUTER, height),
        (width - OUTER, 0, width, height),
    ):
        assert image.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), ImageColor.getrgb(PAPER))]
    assert image.crop((0, 0, BAND, height)).getcolors() == [(BAND * height, ImageColor.getrgb(ACCENT))]


def test_the_same_words_make_the_same_card() -> None:
    assert card("Hills", "Field Notes", "Mei", ACCENT) == card("Hills", "Field Notes", "Mei", ACCENT)
    assert card("Hills", "Field Notes", "Mei", ACCENT) != card("Hills!", "Field Notes", "Mei", ACCENT)


@pytest.mark.parametrize(
    "title", ["山歩きの手帖", "مرحبا بالعالم", "שלום", "Hello 👋", "За\u0301мок", "\U0010ffff", "\x00", ""]
)
def test_a_title_that_the_font_cannot_set_leaves_a_card_of_shapes(title: str) -> None:
    assert card(title, "Field Notes", "Mei", ACCENT) == card("", "Field Notes", "Mei", ACCENT)
    assert card("Hills", title, title, ACCENT) == card("Hills", "", "", ACCENT)


@pytest.mark.parametrize("title", ["Les élèves", "Тихий ёж", "Ο δρόμος", "Những ngọn đồi", "“Straße” — №\u00a05…"])
def test_titles_in_latin_greek_and_cyrillic_are_set(title: str) -> None:
    assert card(title, "", "", ACCENT) != card("", "", "", ACCENT)


def test_a_title_looks_the_same_however_its_letters_are_stored() -> None:
    plain = card("Café déjà-vu", "", "", ACCENT)
    assert card("Cafe\u0301 de\u0301ja\u0300-vu", "", "", ACCENT) == plain
    assert card("Ca\u00adfé\u200e\u00a0déjà\u2011vu ", "", "", ACCENT) == plain


def test_a_word_is_cut_only_where_no_size_holds_it_whole() -> None:
    long = "Donaudampfschifffahrtsgesellschaft"
    font, lines = _fitted(f"Die {long} im Wetter", SIZE[0])
    assert any(long in line for line in lines)
    assert font.size > TITLE_SIZES[-1]
    font, lines = _fitted(long * 4, SIZE[0] // 2)
    assert font.size == TITLE_SIZES[-1]
    assert len(lines) == MOST_LINES
    assert lines[-1].endswith("…")


@pytest.mark.parametrize("title", ["W" * 250, "i" * 250, "a " * 125, "word " * 50])
def test_no_title_takes_long_to_draw(title: str) -> None:
    card("Hills", "Field Notes", "Mei", ACCENT)
    begun = process_time()
    card(title, "Field Notes", "Mei", ACCENT)
    assert process_time() - begun < 0.5
