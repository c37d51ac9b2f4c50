"""The tags and the redirects of an archive, brought in: what is here already stays, and no address is taken away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from blog.content.slugs import numbered, tag_key
from blog.database import Sessions, begin_write
from blog.models import Redirect, Tag, TagAlias
from blog.queries import archives, imports
from blog.queries import site as sites
from blog.transfer.archive import names
from blog.transfer.archive.lists import ToldPerson, ToldRedirect, ToldTag
from blog.transfer.archive.people import Company
from blog.transfer.report import Report

AT_ONCE = 500


async def bring_tags(sessions: Sessions, subjects: Sequence[ToldTag], report: Report) -> dict[str, int]:
    """Make the tags that are not here, with the names that they had before; give the ids of all by key."""
    async with sessions() as db:
        await begin_write(db)
        here = await archives.tag_ids(db)
        taken = set((await archives.tag_slugs(db)).values())
        fresh: dict[str, Tag] = {}
        for one in subjects:
            key = tag_key(one.name)
            if key in here or key in fresh:
                continue
            slug = numbered(one.slug, taken)
            if slug != one.slug:
                report.doubt(names.TAGS, None, f"Another tag is at “{one.slug}”; {one.name} is at “{slug}”.")
            taken.add(slug)
            fresh[key] = Tag(name=one.name, key=key, slug=slug, description=one.description)
        db.add_all(fresh.values())
        await db.flush()  # their former names need their ids
        here |= {key: tag.id for key, tag in fresh.items()}
        known = await archives.former_names(db)
        for one in subjects:
            for former in one.former_names:
                if former not in here and former not in known:
                    known.add(former)
                    db.add(TagAlias(key=former, tag_id=here[tag_key(one.name)]))
        await db.commit()
    report.tags_made += len(fresh)
    return here


def ways(
    leads: Sequence[ToldRedirect],
    people: Sequence[ToldPerson],
    company: Company,
    subjects: Sequence[ToldTag],
    tag_ids: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Give the rows of all redirects but those to posts, which came with them."""
    rows: list[dict[str, Any]] = [{"path": one.path, "target": one.target, "code": one.code} for one in leads]
    for one in people:
        rows += [{"path": path, "user_id": company.ids[one.username]} for path in one.aliases]
    for subject in subjects:
        rows += [{"path": path, "tag_id": tag_ids[tag_key(subject.name)]} for path in subject.aliases]
    return rows


async def bring_redirects(sessions: Sessions, rows: Sequence[Mapping[str, Any]], now: datetime, report: Report) -> None:
    """Let old addresses lead where they did, all but those that lead somewhere here already."""
    for begin in range(0, len(rows), AT_ONCE):
        some = {row["path"]: row for row in rows[begin : begin + AT_ONCE]}
        async with sessions() as db:
            await begin_write(db)
            known = await imports.leads_to(db, some)
            fresh = [Redirect(created_at=now, **row) for path, row in some.items() if path not in known]
            if fresh:
                db.add_all(fresh)
                await sites.touch(db)
            report.redirects_made += len(fresh)
            await db.commit()
