"""Pictures of people: small squares."""

from io import BytesIO

from PIL import Image, ImageOps

from blog.content.files import File

SIDE = 256
QUALITY = 82


def portrait(picture: File) -> File:
    """Cut a picture that was examined to a square around its middle; a moving one becomes its first frame."""
    with Image.open(BytesIO(picture.content)) as image:
        upright = ImageOps.exif_transpose(image)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        square = ImageOps.fit(upright.convert("RGBA" if has_alpha else "RGB"), (SIDE, SIDE))
    saved = BytesIO()
    square.save(saved, "WEBP", quality=QUALITY)
    return File(saved.getvalue(), "image/webp", "webp", SIDE, SIDE)
