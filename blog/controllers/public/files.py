"""The theme's own files, and the files that posts show."""

import re
from typing import Any

from litestar import Controller, Response, get
from litestar.response import File

from blog import media as media_files
from blog import policy
from blog.queries import media
from blog.web import compression
from blog.web.arguments import Db, Now, PathText, Visitor
from blog.web.errors import NotFound
from blog.web.guards import serves
from blog.web.headers import FILE_CSP
from blog.web.rendering import Asked
from blog.web.state import house, site_of

_COPY = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,4})\.(avif|webp)")
FOR_EVER = "public, max-age=31536000, immutable"


class Files(Controller):
    opt = serves(policy.Action.READ)

    @get("/static/{name:path}", name="files.static")
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

    @get("/favicon.ico", name="files.favicon")
    async def favicon(self, request: Asked) -> Response[Any]:
        """Give the icon to those who ask at the old place."""
        assets = house(request).assets
        asset = assets.by_served_name[assets.served_names["icons/favicon.svg"]]
        return Response(asset.content, headers={"content-type": asset.content_type, "cache-control": "max-age=86400"})

    @get("/media/{name:str}", name="files.media")
    async def media(self, request: Asked, name: PathText, db: Db, viewer: Visitor, now: Now) -> Response[Any]:
        """Give a file to whom may see it: everybody, once a post that shows it is public."""
        copy = _COPY.fullmatch(name)
        names = [f"{copy[1]}.{extension}" for extension in media_files.COPIED] if copy else [name]
        found = await media.viewable(db, names, viewer, now)
        if found is None or (copy and [int(copy[2]), copy[3]] not in found.variants):
            raise NotFound
        folder = house(request).settings.media_folder
        path = media_files.path_of(folder, found, (int(copy[2]), copy[3]) if copy else None)
        if not path.is_file():
            raise NotFound
        headers = {
            "content-security-policy": FILE_CSP,
            "cross-origin-resource-policy": "cross-origin",
            # Anybody's copy may be kept, but not without asking whether the post is still public.
            "cache-control": "no-cache" if viewer is None else "private, no-cache",
        }
        return File(
            path,
            media_type=f"image/{copy[3]}" if copy else found.content_type,
            headers=headers,
            content_disposition_type="inline",
        )
