"""Changes to a post that readers do not see yet, when an import puts other words under them.

They stay the newest of the post: merged with the file's words where that is clean, else kept as what somebody typed
and another change stands against, which the editor shows to them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.merge import Conflict, merge_fields
from blog.content.worker import in_turn
from blog.models import Post, Revision
from blog.models.revision import Save
from blog.queries import revisions

PLAIN = ("title", "body", "excerpt", "description", "slug", "language", "canonical_url")


def texts_of(post: Post) -> dict[str, str]:
    """Give what readers see of a post, as it is merged."""
    texts = {name: getattr(post, name) or "" for name in PLAIN}
    texts["tags"] = ", ".join(tag.name for tag in post.tags)
    texts["authors"] = ", ".join(user.username for user in post.others)
    texts["cover"] = f"{post.cover.url if post.cover else ''}\n{post.cover_alt or ''}"
    return texts | {"visibility": post.visibility}


async def keep_on_top(
    db: AsyncSession, post: Post, working: Revision, before: Mapping[str, str], shown: int, now: datetime
) -> str:
    """Keep a working copy over the words that a post has now; the caller commits. Say what became of it.

    `before` is what the post said until now, under the number `shown`.
    """
    mine, theirs = _texts_of_revision(working, post), texts_of(post)
    await revisions.keep(db, post, working.number)
    parts = await in_turn(merge_fields, before, mine, theirs)
    if not any(isinstance(part, Conflict) for field in parts.values() for part in field):
        merged = {field: "".join(map(str, found)) for field, found in parts.items()}
        if merged == theirs:
            return "The unpublished changes that the post had here are in the file too."
        _set_aside(post, working, merged, now)
        return "The post has unpublished changes here; they were put on top of the file’s words, still unpublished."
    saver = working.saved_by
    if saver is None or await revisions.clash_of(db, post, saver) is not None:
        return (
            "The post has unpublished changes here to the same words as the file. "
            f"They are version {working.number} among its earlier versions."
        )
    await revisions.keep(db, post, shown)
    await revisions.keep_clash(db, post, saver, _as_typed(mine, before, shown), shown, now)
    return (
        "The post has unpublished changes here to the same words as the file. They are kept: "
        f"the editor asks {saver.name} what is to hold."
    )


def _texts_of_revision(revision: Revision, post: Post) -> dict[str, str]:
    texts: dict[str, str] = {name: getattr(revision, name) for name in PLAIN}
    texts["tags"] = ", ".join(revision.tags)
    texts["authors"] = ", ".join(name for name in revision.authors[1:] if name != post.owner.username)
    return texts | {"cover": f"{revision.cover}\n{revision.cover_alt}", "visibility": revision.visibility}


def _set_aside(post: Post, working: Revision, merged: dict[str, str], now: datetime) -> None:
    words: dict[str, Any] = {name: merged[name] for name in (*PLAIN, "visibility")}
    words["cover"], _, words["cover_alt"] = merged["cover"].partition("\n")
    words["tags"] = _split(merged["tags"])
    post.set_aside(words, _split(merged["authors"]), Save(now, working.saved_by, also_by=working.also_by))


def _as_typed(mine: Mapping[str, str], before: Mapping[str, str], shown: int) -> dict[str, Any]:
    """Write the changes as the editor's form would have sent them."""
    cover, _, cover_alt = mine["cover"].partition("\n")
    return {**mine, "cover": cover, "cover_alt": cover_alt, "version": shown, "opened_slug": before["slug"]}


def _split(names: str) -> list[str]:
    return [name for name in names.split(", ") if name]
