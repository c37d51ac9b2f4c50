"""The theme's own files, and the files that posts show."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get
from litestar.response import Stream

from blog import policy
from blog.content import icons
from blog.models import Media, MediaKind
from blog.models.media import copy_name
from blog.queries import media
from blog.storage import PIECE, StorageAway
from blog.web import compression, ranges
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.errors import NotFound
from blog.web.guards import ALWAYS_OPEN, serves
from blog.web.headers import file_csp
from blog.web.rendering import Asked
from blog.web.state import house, site_of

_COPY = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,4})\.(avif|webp|png)")
ADDRESSED = ("png", "jpg", "webp", "gif", "avif", "svg")
"""How the addresses of pictures may end, whose smaller copies are asked for."""
Copy = tuple[int, str]
"""A smaller copy of a picture: its width in pixels and its format."""
FOR_EVER = "public, max-age=31536000, immutable"


class Files(Controller):
    opt = serves(policy.Action.READ)

    @get("/static/{name:path}", name="files.static", opt=ALWAYS_OPEN)
    async def static(self, request: Asked, name: PathText) -> Response[Any]:
        """Give a file of the theme; its name changes with its content."""
        assets = house(request).assets.dressed(site_of(request.scope).accent)
        exact = assets.by_served_name.get(name.lstrip("/"))
        asset = exact or assets.current(name.lstrip("/"))
        if asset is None:
            raise NotFound
        keeping = FOR_EVER if exact else "no-cache"
        headers = {"content-type": asset.content_type, "cache-control": keeping, "vary": "accept-encoding"}
        coding = compression.chosen(request.headers.get("accept-encoding", ""))
        if not coding or len(asset.content) < compression.SMALLEST or asset.content_type not in compression.STYLES:
            return Response(asset.content, headers=headers)
        return Response(compression.once(asset.content, coding), headers=headers | {"content-encoding": coding})

    @get("/apple-touch-icon.png", name="files.touch", opt=ALWAYS_OPEN)
    async def touch(self, request: Asked) -> Response[Any]:
        """Give the site's own icon to phones that ask where Apple's do."""
        return await give(request, site_of(request.scope).icon, (icons.TOUCH, icons.KIND), is_public=True)

    @get("/favicon.ico", name="files.favicon", opt=ALWAYS_OPEN)
    async def favicon(self, request: Asked) -> Response[Any]:
        """Give the icon to those who ask at the old place."""
        if own := site_of(request.scope).icon:
            return await give(request, own, (icons.TAB, icons.KIND), is_public=True)
        assets = house(request).assets
        asset = assets.by_served_name[assets.served_names["icons/favicon.svg"]]
        return Response(asset.content, headers={"content-type": asset.content_type, "cache-control": "max-age=86400"})

    @get("/media/{name:str}", name="files.media")
    async def media(self, request: Asked, name: PathText, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Give a file, or a part of it, to whom may see it: everybody, once a post that shows it is public."""
        names, copy = stored_names(name)
        found = await media.viewable(db, names, viewer, now)
        # Whoever takes a film slowly must not keep a connection to the database meanwhile.
        await db.close()
        return await give(request, found, copy, is_public=viewer is None)


def stored_names(name: str) -> tuple[list[str], Copy | None]:
    """Read the address of a file: which names it may have, and which smaller copy of it is meant."""
    match = _COPY.fullmatch(name)
    if match is None:
        return [name], None
    return [f"{match[1]}.{extension}" for extension in ADDRESSED], (int(match[2]), match[3])


async def give(request: Asked, found: Media | None, copy: Copy | None, *, is_public: bool) -> Response[Any]:
    """Answer with a file, a part of it or a smaller copy, if there is such."""
    place = (found.stored, found.content_type) if found and not copy else None
    if found and copy:
        place = _copy(found, *copy)
    if found is None or place is None:
        raise NotFound
    return await _sent(request, found, *place, is_whole=copy is None, is_public=is_public)


def _copy(file: Media, width: int, kind: str) -> tuple[str, str] | None:
    """Choose the bytes for a smaller copy: their name in the storage, and their type.

    Pages and feeds that were made before a picture was replaced ask for the copies that it had then; they get what
    comes next to them.
    """
    made = {(wide, one) for wide, one in file.variants}
    if (width, kind) in made:
        return copy_name(file.stored, width, kind), f"image/{kind}"
    if file.stored == file.name:
        return None
    if not made:
        return file.stored, file.content_type
    wide, one = min(made, key=lambda copy: (copy[1] != kind, copy[0] < width, abs(copy[0] - width)))
    return copy_name(file.stored, wide, one), f"image/{one}"


async def _sent(
    request: Asked, file: Media, stored: str, content_type: str, *, is_whole: bool, is_public: bool
) -> Response[Any]:
    storage, etag = house(request).storage, f'"{stored}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes" if is_whole else "none",
        "content-security-policy": file_csp(content_type),
        "cross-origin-resource-policy": "cross-origin",
        # Anybody's copy may be kept, but not without asking whether the post is still public.
        "cache-control": "no-cache" if is_public else "private, no-cache",
    }
    if file.kind == MediaKind.DOCUMENT:
        headers["content-disposition"] = f"inline; filename*=UTF-8''{quote(file.original_name, safe='')}"
    if (known := request.headers.get("if-none-match", "")) and ranges.is_known(known, etag):
        return Response(b"", status_code=304, headers=headers)
    is_head = request.scope["state"]["is_head"]
    part = None
    if is_whole and not is_head and ranges.is_current(request.headers.get("if-range", ""), etag):
        try:
            part = ranges.asked_part(request.headers.get("range", ""), file.size)
        except ranges.OutOfRange:
            return Response(b"", status_code=416, headers=headers | {"content-range": f"bytes */{file.size}"})
    first, last = part or (0, 0 if is_head else file.size - 1 if is_whole else PIECE - 1)
    # The first bytes are fetched before the answer begins: then it is known whether the storage answers.
    begin = await storage.read(stored, first, min(last, first + PIECE - 1))
    if begin is None:
        raise NotFound
    if part:
        headers["content-range"] = f"bytes {first}-{last}/{begin.size}"
    else:
        last = begin.size - 1
    headers["content-length"] = str(last - first + 1)
    rest = _nothing() if is_head else _from(begin.content, storage.pieces(stored, first + len(begin.content), last))
    return Stream(rest, status_code=206 if part else 200, media_type=content_type, headers=headers)


async def _from(begin: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give a file piece by piece; when the storage fails on the way the answer ends short of the length it told."""
    yield begin
    with suppress(StorageAway):
        async for piece in pieces:
            yield piece


async def _nothing() -> AsyncIterator[bytes]:
    """Give no bytes, for HEAD."""
    yield b""
