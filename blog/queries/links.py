"""Addresses that texts link to: which of them show readers something."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog import policy
from blog.models import Kind, Media, Post, Redirect, Tag, User
from blog.models.post import path_of
from blog.queries import tags, users

FOLDERS = ("posts", "tags", "authors", "media")
"""The first parts of paths below which everything is a row of the database."""


async def shown(db: AsyncSession, paths: Collection[str], at: datetime) -> set[str]:
    """Tell which of these paths, as links write them, show readers something at a moment; old addresses do too.

    Only paths in `FOLDERS` and of one part are looked up.
    """
    wanted = {path: unquote(path).strip("/") for path in paths}
    slugs = {folder: _below(folder, wanted.values()) for folder in FOLDERS}
    pages = {path for path in wanted.values() if "/" not in path}
    parts: dict[str, Select[str]] = {
        "posts": select(Post.slug).where(Post.slug.in_(slugs["posts"]), policy.listed(at)),
        "": select(Post.slug).where(Post.slug.in_(pages), Post.kind == Kind.PAGE, policy.live(at)),
        "tags": select(Tag.slug).where(Tag.slug.in_(slugs["tags"]), tags.shows_posts(at)),
        "authors": select(User.username).where(User.username.in_(slugs["authors"]), users.has_posts(at)),
        "media": select(Media.name).where(Media.name.in_(slugs["media"])),
    }
    rows = await db.execute(union_all(*(_of(folder, query) for folder, query in parts.items())))
    found = {f"{folder}/{slug}".strip("/") for folder, slug in rows}
    old = select(Redirect).where(Redirect.path.in_([f"/{path}" for path in wanted.values()]))
    for redirect in await db.scalars(old.options(joinedload(Redirect.post))):
        if redirect.post is not None and redirect.post.is_live(at):
            found.add(redirect.path.strip("/"))
    return {path for path, plain in wanted.items() if plain in found or _stem(plain) in found}


async def html_at(db: AsyncSession, paths: Collection[str], at: datetime) -> dict[str, str]:
    """Fetch the HTML of the posts and pages at these paths that readers find at a moment, by path."""
    if not paths:
        return {}
    wanted = {unquote(path).rstrip("/"): path for path in paths}
    slugs = [path.rpartition("/")[2] for path in wanted]
    query = select(Post.kind, Post.slug, Post.html).where(Post.slug.in_(slugs), policy.live(at))
    found = {path_of(row.kind, row.slug): row.html for row in await db.execute(query)}
    return {wanted[path]: html for path, html in found.items() if path in wanted}


def _of(folder: str, query: Select[str]) -> Select[str, str]:
    names = query.subquery()
    return select(literal(folder), names.c[0])


def _below(folder: str, paths: Collection[str]) -> set[str]:
    """Give the names below a folder; a feed or picture of something is there if that is."""
    return {_stem(path).removeprefix(f"{folder}/") for path in paths if path.startswith(f"{folder}/")}


def _stem(path: str) -> str:
    folder, _, rest = path.partition("/")
    name = rest.partition("/")[0]
    if folder == "media":
        # The smaller copies of a picture have its name with their width.
        return f"media/{name}"
    return f"{folder}/{name.removesuffix('.md')}" if name else path
