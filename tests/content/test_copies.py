"""Smaller copies of pictures: widths, formats, what they lose and keep; and how a post offers them."""

import io
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from blog.content.copies import NEARLY, WIDTHS, _widths, copies
from blog.content.markdown import Shown, render
from blog.media import look_at


def noisy(mode: str, size: tuple[int, int]) -> Image.Image:
    """Draw something that does not compress to nothing."""
    return Image.effect_noise(size, 60).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif() -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = 6
    data[0x010F] = "Secret Camera"
    data.get_ifd(0x8825)[1] = "N"
    return data


def corner(content: bytes) -> tuple[int, ...]:
    return Image.open(io.BytesIO(content)).convert("RGBA").getpixel((5, 5))


@given(st.integers(1, 20_000))
def test_copies_are_never_wider_than_the_picture_or_the_page_and_apart_from_each_other(width: int) -> None:
    made = sorted(_widths(width))
    assert all(step <= min(width, WIDTHS[-1]) for step in made)
    assert all(step < following * NEARLY for step, following in pairwise(made))
    assert bool(made) == (width > WIDTHS[0] * NEARLY)


def test_a_photograph_gets_both_formats_in_several_widths_smaller_than_itself() -> None:
    original = saved(noisy("RGB", (2400, 1600)), "JPEG", quality=92)
    made, colour = copies(original)
    assert [(copy.width, copy.kind) for copy in made] == [
        (width, kind) for kind in ("avif", "webp") for width in WIDTHS
    ]
    for copy in made:
        image = Image.open(io.BytesIO(copy.content))
        assert image.format == copy.kind.upper()
        assert image.size == (copy.width, round(1600 * copy.width / 2400))
        assert len(copy.content) < len(original)
    assert re.fullmatch(r"#[0-9a-f]{6}", colour)


def test_a_copy_stands_upright_and_knows_nothing_of_where_it_was_taken() -> None:
    original = look_at(saved(noisy("RGB", (1600, 1000)), "JPEG", exif=exif(), quality=95), False)
    made, _ = copies(original.content)
    assert made
    for copy in made:
        image = Image.open(io.BytesIO(copy.content))
        assert image.height > image.width
        assert not dict(image.getexif())
        assert b"Secret" not in copy.content


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_of_a_profile_become_those_of_screens(mode: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # A profile in which red and green have changed places.
    profile = profile.replace(b"rXYZ", b"wait").replace(b"gXYZ", b"rXYZ").replace(b"wait", b"gXYZ")
    image = Image.new(mode, (1000, 800), (200, 30, 60) if mode == "RGB" else (200, 30, 60, 128))
    made, _ = copies(saved(image, "PNG", icc_profile=profile, compress_level=0))
    assert {copy.kind for copy in made} == {"avif", "webp"}
    for copy in made:
        assert corner(copy.content)[:3] == pytest.approx((30, 200, 60), abs=4)
        assert "icc_profile" not in Image.open(io.BytesIO(copy.content)).info


def test_what_is_transparent_stays_so_and_has_no_colour() -> None:
    image = noisy("RGBA", (1000, 800))
    image.putalpha(40)
    made, colour = copies(saved(image, "PNG"))
    assert made
    assert colour == ""
    assert all(corner(copy.content)[3] < 60 for copy in made)


def test_no_colour_stands_behind_round_corners() -> None:
    image = noisy("RGB", (800, 600))
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 799, 599), 30, fill=255)
    image.putalpha(mask)
    assert copies(saved(image, "PNG"))[1] == ""


def test_a_channel_that_hides_nothing_is_left_out() -> None:
    made, colour = copies(saved(noisy("RGBA", (800, 600)), "PNG"))
    assert colour
    assert {Image.open(io.BytesIO(copy.content)).mode for copy in made} == {"RGB"}


def test_grey_in_sixteen_bits_keeps_its_shades() -> None:
    made, colour = copies(saved(Image.new("I;16", (800, 600), 40_000), "PNG", compress_level=0))
    assert colour == "#9b9b9b"
    assert made
    assert all(corner(copy.content)[0] == pytest.approx(155, abs=2) for copy in made)


def test_a_wide_screen_is_never_left_with_a_narrow_copy() -> None:
    """A chart as PNG is smaller than a photograph's formats can make it; then it is shown as it is."""
    chart = Image.new("P", (1440, 700), 0)
    chart.putpalette([255, 255, 255, 0, 0, 0])
    for x in range(0, 1440, 6):
        ImageDraw.Draw(chart).line((x, 0, x, 699), fill=1)
    content = saved(chart, "PNG")
    made, _ = copies(content)
    for kind in ("avif", "webp"):
        widths = [copy.width for copy in made if copy.kind == kind]
        assert not widths or max(widths) == 1440
    assert all(len(copy.content) < len(content) for copy in made)


@pytest.mark.parametrize("size", [(500, 18_000), (1900, 6_000), (470, 17_000)])
def test_a_picture_as_long_as_a_scroll_has_no_copies(size: tuple[int, int]) -> None:
    made, colour = copies(saved(Image.new("RGB", size, (9, 9, 9)), "PNG", compress_level=0))
    assert (made, colour) == ((), "#090909")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_stays_as_it_is(kind: str) -> None:
    frames = [noisy("RGB", (600, 400)) for _ in range(3)]
    moving = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert copies(moving) == ((), "")


def test_a_small_picture_has_a_colour_and_no_copies() -> None:
    assert copies(saved(Image.new("RGB", (40, 40), (0, 128, 255)), "PNG")) == ((), "#0080ff")


MOUNTAIN = Shown(2000, 1000, "#336699", [(480, "webp"), (480, "avif"), (960, "webp")])


def shown(url: str) -> Shown | None:
    return MOUNTAIN if url == "/media/mountain.jpg" else None


def test_a_post_offers_the_copies_and_keeps_the_file_for_the_rest() -> None:
    html = str(render("Before.\n\n![Hills](/media/mountain.jpg)", shown).html)
    sizes = "min(736px, calc(100vw - 2.25rem))"
    assert f'<source type="image/avif" srcset="/media/mountain-480.avif 480w" sizes="{sizes}">' in html
    assert 'srcset="/media/mountain-480.webp 480w, /media/mountain-960.webp 960w"' in html
    assert html.index("avif") < html.index("webp") < html.index("<img")
    assert 'width="2000" height="1000"' in html
    assert 'data-colour="#336699"' in html
    assert 'loading="eager"' in html


def test_a_picture_made_narrow_asks_for_no_more_and_later_ones_wait() -> None:
    html = str(render('<img src="/media/mountain.jpg" alt="" width="300">\n\n![b](/media/mountain.jpg)', shown).html)
    assert 'sizes="min(300px, calc(100vw - 2.25rem))"' in html
    assert html.count('loading="lazy"') == 1


@pytest.mark.parametrize(
    "body",
    [
        '<picture><source srcset="https://evil.example/x.png 1x"><img src="/a.png" alt=""></picture>',
        '<img src="/a.png" alt="" srcset="https://evil.example/x.png 2x" sizes="9px" data-colour="red">',
        '<video controls><source src="/a.mp4" type="video/mp4" srcset="https://evil.example/x.png"></video>',
    ],
)
def test_a_writer_cannot_slip_in_other_sources(body: str) -> None:
    html = str(render(body, shown).html)
    assert "evil" not in html
    assert "srcset" not in html
    assert "data-colour" not in html
