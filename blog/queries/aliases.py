"""Names that tags had before they were renamed or merged, and what the tags that are meant by them are called now.

The redirects of tags cannot tell this: they know addresses, and only those that readers knew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import tag_key
from blog.models import Tag, TagAlias


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name means now, and the number of the change that made it so; later ones have greater numbers."""

    number: int
    name: str


async def meant(db: AsyncSession, names: Iterable[str]) -> dict[str, Meant]:
    """Tell which of these names tags had once, and what those are called now."""
    keys = {name: tag_key(name) for name in names}
    if not keys:
        return {}
    query = select(TagAlias.key, TagAlias.id, Tag.name).join(Tag, Tag.id == TagAlias.tag_id)
    rows = await db.execute(query.where(TagAlias.key.in_(set(keys.values()))))
    found = {key: Meant(number, name) for key, number, name in rows}
    return {name: found[key] for name, key in keys.items() if key in found}


async def newest(db: AsyncSession) -> int:
    """Give the number of the last change of a tag's name."""
    return await db.scalar(select(func.max(TagAlias.id))) or 0


async def pass_on(db: AsyncSession, old: Sequence[Tag], new: Tag) -> None:
    """Let the names of some tags, and all that meant them, mean another one; before the tags are deleted."""
    theirs = update(TagAlias).where(TagAlias.tag_id.in_([tag.id for tag in old])).values(tag_id=new.id)
    await db.execute(theirs.execution_options(synchronize_session=False))
    for tag in old:
        await remember(db, tag.name, new)


async def remember(db: AsyncSession, name: str, tag: Tag) -> None:
    """Let a name that a tag had until now mean this one."""
    await forget(db, [tag_key(name)])
    db.add(TagAlias(key=tag_key(name), tag_id=tag.id))
    await db.flush()  # the tag that had it may go next


async def forget(db: AsyncSession, keys: Iterable[str]) -> None:
    """Let names mean what they say: a tag has them now."""
    gone = delete(TagAlias).where(TagAlias.key.in_(list(keys)))
    await db.execute(gone.execution_options(synchronize_session=False))
