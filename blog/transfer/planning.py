"""Which post here each post of a source is, and where it will be."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import numbered
from blog.database import Sessions
from blog.queries import imports
from blog.transfer.places import SITES_OWN
from blog.transfer.report import Report
from blog.transfer.source import SourcePost

LONGEST_SOURCE = 255


@dataclass(frozen=True, slots=True)
class Plan:
    """Which post a post of a source is and where it will be. Its body is not in memory yet."""

    head: SourcePost
    source: str
    slug: str
    known: imports.Known | None
    moves: bool


async def planned(
    sessions: Sessions, heads: Iterable[SourcePost], kind: str, has_lasting_ids: bool, report: Report
) -> list[Plan]:
    """Decide which post each one is and where it will be; of two that want one address the first gets it."""
    heads = list(heads)
    async with sessions() as db:
        known = await _known(db, [_source(kind, post) for post in heads])
        moved = await imports.leads_to(db, {post.wish for post in heads})
        found: list[tuple[SourcePost, str, imports.Known | None, bool]] = []
        claimed: set[str] = set()
        for post in heads:
            source, before = _matched(_source(kind, post), post, known, claimed, has_lasting_ids)
            claimed.add(source)
            found.append((post, source, before, before is not None and _stays(before, post, moved)))
        taken = await imports.taken_around(db, Counter(_wanted(post) for post, _, _, stays in found if not stays))
    plans: list[Plan] = []
    for post, source, before, stays in found:
        slug = before.slug if before else ""
        if not stays:
            slug = numbered(_wanted(post), taken - {slug})
            if slug != post.slug:
                what = "page" if post.is_page else "post"
                report.doubt(post.file, None, f"The address “{post.slug}” is taken; the {what} is at “{slug}”.")
        taken.add(slug)
        plans.append(Plan(post, source, slug, before, before is not None and slug != before.slug))
    return plans


async def _known(db: AsyncSession, sources: Sequence[str]) -> dict[str, imports.Known]:
    """Fetch the posts of earlier imports that these may be; of the same source one may stand behind another."""
    known: dict[str, imports.Known] = {}
    asked = Counter(sources)
    wanted = {_numbered(source, number) for source, times in asked.items() for number in range(1, times + 1)}
    while wanted:
        known |= await imports.known(db, wanted)
        asked = Counter({source: last + 1 for source, last in asked.items() if _numbered(source, last) in known})
        wanted = {_numbered(source, number) for source, number in asked.items()}
    return known


def _source(kind: str, post: SourcePost) -> str:
    source = f"{kind}:{post.source_id}"
    if len(source) > LONGEST_SOURCE - 10:
        source = f"{kind}:{sha256(source.encode()).hexdigest()}"
    return source


def _numbered(source: str, number: int) -> str:
    return source if number == 1 else f"{source}~{number}"


def _wanted(post: SourcePost) -> str:
    return f"{post.slug}-page" if post.is_page and post.slug in SITES_OWN else post.slug


def _matched(
    base: str, post: SourcePost, known: dict[str, imports.Known], claimed: set[str], is_lasting: bool
) -> tuple[str, imports.Known | None]:
    """Find the post that this one became before. Where ids do not last, one of the same id may be another post."""
    number = 1
    while (source := _numbered(base, number)) in claimed or (
        (before := known.get(source)) and not (is_lasting or _same(before, post))
    ):
        number += 1
    return source, known.get(source)


def _same(before: imports.Known, post: SourcePost) -> bool:
    return (
        before.title == post.title
        or before.slug == post.slug
        or before.slug.startswith(post.slug + "-")
        or (post.date is not None and before.created_at == post.date.astimezone(UTC))
    )


def _stays(before: imports.Known, post: SourcePost, moved: dict[str, int | None]) -> bool:
    """Tell whether a post keeps its address: it is the one that its file wishes for, a numbered one, or its editors
    moved it away from there."""
    return before.slug == post.slug or before.slug.startswith(post.slug + "-") or moved.get(post.wish) == before.id
