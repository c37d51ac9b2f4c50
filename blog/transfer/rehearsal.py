"""What storing some posts would do, told without doing it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import tag_key
from blog.queries import aliases, imports
from blog.transfer import authors
from blog.transfer.report import Mapped, Report
from blog.transfer.store import Prepared


async def rehearse(db: AsyncSession, batch: Sequence[Prepared], so_far: Sequence[Mapped], tags: set[str]) -> Report:
    """Count what storing some posts would make; `so_far` and `tags` are the people and tags of the batches before."""
    told = Report()
    told.imported = sum(one.is_new for one in batch)
    told.updated = len(batch) - told.imported
    people = {person.key: person for one in batch for person in one.byline}
    for one in so_far:
        people.pop(one.key, None)
    found = await authors.known(db, list(people.values()))
    for person in people.values():
        user = found.get(person.key)
        told.authors.append(Mapped(person.key, person.name or person.key, person.email, user.username if user else ""))
    told.authors_made = len(people) - len(found)
    names = {name for one in batch for name in one.post.tags}
    became = await aliases.meant(db, names)
    keys = {tag_key(became[name].name if name in became else name) for name in names} - tags
    tags |= keys
    told.tags_made = len(keys - await imports.tag_keys(db, keys))
    paths = {path: path in one.post.aliases for one in batch for path in one.paths}
    leads = await imports.leads_to(db, paths)
    told.redirects_made = sum(named for path, named in paths.items() if path not in leads)
    told.permalinks_made = sum(not named for path, named in paths.items() if path not in leads)
    return told
