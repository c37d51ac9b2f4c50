"""What a request says, as text: forms of the ordinary kind, page numbers, ids, and paths to go on to."""

from collections.abc import Iterable
from typing import Any

from litestar.connection import Request
from litestar.datastructures import UploadFile

from blog.models.base import LARGEST_ID
from blog.web.errors import NotFound, Refusal

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
LARGEST_PAGE = 10**9


async def read_form(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Read the fields of a form; of a field that came twice the first counts. Files stay files."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in FORM_TYPES:
        if not kind and not await request.body():
            return {}
        raise Refusal(415)
    form = await request.form()
    return {key: form.getall(key)[0] for key in form}


def text_of(typed: dict[str, Any], name: str) -> str:
    """Give a field's text; an absent field is empty, and a file is not text."""
    value = typed.get(name, "")
    return "" if isinstance(value, UploadFile) else str(value)


def page_number(text: str | None) -> int:
    """Read a page number from a query; what is none gives 404, like a page past the end."""
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_PAGE))) or int(text) < 1:
        raise NotFound
    return int(text)


def number_of(text: str) -> int:
    """Read a whole number from a query; what is none counts as 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_PAGE)) else 0


def row_id(number: int) -> int:
    """Pass an id on that a database can hold; there is nothing under any other."""
    if not 0 < number <= LARGEST_ID:
        raise NotFound
    return number


def row_ids(texts: Iterable[str]) -> list[int]:
    """Read ids, each once; what is none is left out, as there is nothing under it."""
    numbers = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_ID)))
    return list(dict.fromkeys(number for number in numbers if number))


def own_path(path: str, default: str) -> str:
    """Give the path to go on to after sign-in, if it is one of ours as a browser would read it.

    Browsers take a backslash for a slash and drop tabs and line ends (WHATWG URL), so none of these may occur.
    """
    fine = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if fine and path.isascii() else default
