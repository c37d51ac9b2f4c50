"""Documents: PDF, which readers open or save."""

import re

from blog.content.files import File, MediaRefused
from blog.languages import gettext as _

_BEGIN = re.compile(rb"%PDF-[12]\.[0-9]")
TAIL = 2048


def looks_like_pdf(content: bytes) -> bool:
    """Tell whether the bytes begin as a PDF does."""
    return content.startswith(b"%PDF-")


def pdf(content: bytes) -> File:
    """Take a PDF that is whole (ISO 32000-1, section 7.5); its inside is for the program that shows it."""
    tail = content[-TAIL:]
    if not _BEGIN.match(content) or b"startxref" not in tail or b"%%EOF" not in tail:
        raise MediaRefused(_("The PDF is broken: its end is missing."))
    return File(content, "application/pdf", "pdf")
