"""The site's accent colour: as it was chosen, but light or dark enough to be read in either scheme.

Lightness is moved in OKLCH (Björn Ottosson, "A perceptual color space for image processing"), so that the hue stays,
and as much of the chroma as a screen can show; contrast is that of WCAG 2.2, success criterion 1.4.3.
"""

import re
from functools import lru_cache
from math import atan2, cos, sin

PAPERS = {"light": ("#fdfcf8", "#f4efe5"), "dark": ("#161412", "#211e1a")}
"""The backgrounds that the accent stands on: paper and wash in each scheme, as the theme's tokens say."""
ACCENT = "#8a2c18"
"""The theme's own accent on paper."""
ENOUGH = 4.6
"""The contrast to reach: WCAG's 4.5 for text, and a little for rounding."""
READABLE = 4.5
"""The contrast that text must have (WCAG 2.2, success criterion 1.4.3)."""
DARK = 0.1791
"""The luminance up to which white can be read better on a colour than black; the theme's styles say it too."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_HALVINGS = 12  # beyond these, the eight bits of a channel tell no difference

Triple = tuple[float, float, float]


@lru_cache(64)
def accents(chosen: str) -> tuple[str, str] | None:
    """Give the accent for the light and for the dark scheme; None when `chosen` is no colour such as #8a2c18."""
    if not _COLOUR.fullmatch(chosen):
        return None
    return _readable(chosen, PAPERS["light"], 0.0), _readable(chosen, PAPERS["dark"], 1.0)


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Give black or white, whichever can be read better on a colour: the words that stand for a picture meanwhile."""
    return "#ffffff" if _luminance(colour) < DARK else "#000000"


def oklch(colour: str) -> Triple:
    """Give lightness (0 to 1), chroma, and hue in radians."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, (a * a + b * b) ** 0.5, atan2(b, a)


def _readable(colour: str, papers: tuple[str, ...], end: float) -> str:
    """Move a colour's lightness towards `end`, as far as all papers need."""
    if _can_be_read(colour, papers):
        return colour
    near, chroma, hue = oklch(colour)
    far, found = end, "#ffffff" if end else "#000000"
    for _ in range(_HALVINGS):
        between = (near + far) / 2
        moved = _shown(between, chroma, hue)
        if _can_be_read(moved, papers):
            far, found = between, moved
        else:
            near = between
    return found


def _can_be_read(colour: str, papers: tuple[str, ...]) -> bool:
    return all(contrast(colour, paper) >= ENOUGH for paper in papers)


def _shown(lightness: float, chroma: float, hue: float) -> str:
    """Give the colour of this lightness and hue with the most chroma, up to `chroma`, that sRGB has."""
    least, most = 0.0, chroma
    if _is_in_gamut(_from_oklch(lightness, chroma, hue)):
        least = chroma
    for _ in range(_HALVINGS):
        between = (least + most) / 2
        if _is_in_gamut(_from_oklch(lightness, between, hue)):
            least = between
        else:
            most = between
    return _hex(_from_oklch(lightness, least, hue))


def _is_in_gamut(linear: Triple) -> bool:
    return min(linear) >= 0 and max(linear) <= 1


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _to_linear(red), _to_linear(green), _to_linear(blue)


def _to_linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _from_linear(value: float) -> float:
    return float(value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _hex(linear: Triple) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, _from_linear(max(0.0, part))))):02x}" for part in linear)
