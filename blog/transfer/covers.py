"""The picture that stands for a post, under the names that programs and their themes give it."""

from collections.abc import Mapping
from typing import Any

NAMES = (
    "cover", "cover_image", "coverImage", "featured_image", "featuredImage", "feature_image", "featureImage", "image",
    "images", "hero", "heroImage", "banner", "thumbnail", "header",
)  # fmt: skip
WITHIN = ("src", "url", "path", "image", "feature", "relative", "overlay_image", "file")
ALTS = ("alt", "image_alt", "image_description", "caption")
DEEPEST = 3


def cover_of(head: Mapping[str, Any]) -> tuple[str, str]:
    """Find the address of the picture as the head writes it, and what it shows; both empty when there is none."""
    extra = head.get("extra")
    for place in (head, extra if isinstance(extra, Mapping) else {}):
        for name in NAMES:
            address, alt = _read(place.get(name), DEEPEST)
            if address:
                named = (f"{name}_alt", f"{name}Alt", "image_alt", "cover_alt", "imageAlt")
                return address, alt or next((str(place[one]) for one in named if isinstance(place.get(one), str)), "")
    return "", ""


def _read(value: Any, left: int) -> tuple[str, str]:
    """Read an address, or what holds one: a list whose first it is, a mapping that names it and its words."""
    if isinstance(value, str):
        address = value.strip()
        # A colour, an icon or "true" is no picture.
        return (address, "") if "." in address and "\n" not in address else ("", "")
    if isinstance(value, list) and value and left:
        return _read(value[0], left - 1)
    if isinstance(value, Mapping) and left:
        address = next((found for name in WITHIN if (found := _read(value.get(name), left - 1)[0])), "")
        alt = next((str(value[name]) for name in ALTS if isinstance(value.get(name), str)), "")
        return address, alt
    return "", ""
