"""The icon of a site, in the sizes that browsers, tablets and phones ask for."""

from io import BytesIO

from PIL import Image, ImageOps

from blog.content.copies import Copy
from blog.content.files import File

SIDE = 512
TAB, TOUCH, HOME = 32, 180, 192
"""Pixels: in a tab of a browser, on the screen of Apple's phones, and on that of others."""
KIND = "png"
"""The one format that all of them take."""
CLEAR = (0, 0, 0, 0)
WHITE = (255, 255, 255, 255)


def icon(picture: File) -> File:
    """Put a picture that was examined, whole, into a square, and make its sizes; a moving one becomes its first frame."""
    with Image.open(BytesIO(picture.content)) as image:
        whole = ImageOps.pad(ImageOps.exif_transpose(image).convert("RGBA"), (SIDE, SIDE), color=CLEAR)
    # Apple shows what is clear as black.
    solid = Image.new("RGBA", whole.size, WHITE)
    solid.alpha_composite(whole)
    sizes = ((TAB, whole), (TOUCH, solid), (HOME, whole))
    copies = tuple(
        Copy(side, KIND, _png(shown.resize((side, side), Image.Resampling.LANCZOS))) for side, shown in sizes
    )
    return File(_png(whole), "image/png", KIND, SIDE, SIDE, copies)


def _png(image: Image.Image) -> bytes:
    saved = BytesIO()
    image.save(saved, "PNG", optimize=True)
    return saved.getvalue()
