"""The posts of an archive, brought in: rendered anew, with every date as it was; a few in one transaction, each whole.

A post is known again by where it came from, else by the moment at which it was begun. What is here already stays as it
is: an archive may be older than what people wrote since.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.content.markdown import Rendered
from blog.content.slugs import numbered, tag_key
from blog.database import begin_write
from blog.models import Event, Media, Post, Redirect, Revision, Tag, User
from blog.models.revision import Save
from blog.queries import archives, export, imports, media, site, tags
from blog.search import Document
from blog.transfer import authors
from blog.transfer.archive import records, told
from blog.transfer.archive.people import Company
from blog.transfer.archive.reading import apart
from blog.transfer.archive.told import ToldChange, ToldPost, Words
from blog.transfer.report import Report
from blog.transfer.source import NOBODY, Person

MEDIA_URL = re.compile(r"/media/[0-9a-f]{32}\.[a-z0-9]{3,4}")


@dataclass(frozen=True, slots=True)
class Ready:
    """A post that was read and rendered."""

    file: str
    text: bytes
    post: ToldPost
    change: ToldChange | None
    rendered: Rendered
    document: Document


async def known(db: AsyncSession, some: Sequence[tuple[ToldPost, bytes]]) -> list[tuple[int, bool] | None]:
    """Tell of each post whether it is here: its id, and whether it says just what the archive does."""
    by_source = await archives.ids_by_source(db, [post.source for post, _ in some if post.source])
    at: dict[datetime, list[tuple[int, str]]] = {}
    for written, slug, moment in await archives.made_at(db, [post.created_at for post, _ in some if not post.source]):
        at.setdefault(moment, []).append((written, slug))
    ids = [
        by_source.get(post.source) if post.source else _one_of(at.get(post.created_at, []), post.words.slug)
        for post, _ in some
    ]
    here = await export.posts_by_id(db, [post_id for post_id in ids if post_id])
    db.expunge_all()
    return [_found(here.get(post_id or 0), *one) for post_id, one in zip(ids, some, strict=True)]


async def look_for(db: AsyncSession, bodies: Sequence[str]) -> Mapping[str, Media]:
    """Find the files that texts show, by address."""
    return await media.at_urls(db, {url for body in bodies for url in MEDIA_URL.findall(body)})


async def store(db: AsyncSession, batch: Sequence[Ready], company: Company, now: datetime, report: Report) -> None:
    """Write some posts with all that hangs on them; the caller commits."""
    await begin_write(db)
    people = await _people(db, batch, company, now, report)
    subjects = await _tags(db, batch, report)
    taken = await imports.taken_among(db, (one.post.words.slug for one in batch))
    covers = await media.at_urls(db, [one.post.words.cover for one in batch])
    made: list[tuple[Ready, Post]] = []
    for one in batch:
        words = one.post.words
        slug = numbered(words.slug, taken)
        if slug != words.slug:
            report.doubt(one.file, None, f"The address “{words.slug}” is taken here; the post is at “{slug}”.")
        taken.add(slug)
        cover = covers.get(words.cover)
        if words.cover and cover is None:
            report.doubt(one.file, None, f"The cover {words.cover} is not there.")
        byline = [people[name] for name in dict.fromkeys(words.authors or [NOBODY])]
        made.append((one, _made(one, slug, cover, byline, [subjects[tag_key(name)] for name in words.tags])))
    db.add_all(post for _, post in made)
    await db.flush()  # the events, files and redirects need the posts' ids
    leads = await imports.leads_to(db, {path for one, _ in made for path in one.post.aliases})
    for one, post in made:
        db.add(Event.about("post.created", post, now, None, by_import=True))
        if one.change is not None:
            _set_aside(post, one.change, people, company)
        for path in one.post.aliases:
            if path in leads:
                report.doubt(one.file, None, f"The old address {path} leads elsewhere here already.")
                continue
            leads[path] = post.id
            db.add(Redirect(path=path, post_id=post.id, created_at=now))
            report.redirects_made += 1
    await db.flush()
    for one, post in made:
        files = [url for url in one.rendered.files if url.startswith("/media/")]
        if post.cover:
            files.append(post.cover.url)
        if files:
            await media.link(db, post, files)
    await search.take_in_all(db, [search.Words(post, one.rendered.text, one.document) for one, post in made])
    report.imported += len(made)
    await site.touch(db)


def with_moved(post: ToldPost, moved: Mapping[str, str]) -> ToldPost:
    """Let a text show its files where they are here."""
    if not moved:
        return post
    words = replace(
        post.words, body=moved_in(post.words.body, moved), cover=moved.get(post.words.cover, post.words.cover)
    )
    return replace(post, words=words)


def moved_in(body: str, moved: Mapping[str, str]) -> str:
    """Put the addresses that files have here in the place of those that they had."""
    return MEDIA_URL.sub(lambda found: moved.get(found[0], found[0]), body) if moved else body


def _found(here: export.Exported | None, post: ToldPost, text: bytes) -> tuple[int, bool] | None:
    if here is None:
        return None
    content = records.post_file(here.post, here.aliases).encode()
    if content == text:
        return here.post.id, True
    # A person may have written the same in other words of YAML.
    facts, body = apart(content)
    return here.post.id, told.post(facts, body, here.post.created_at) == post


def _one_of(found: Sequence[tuple[int, str]], slug: str) -> int | None:
    """Choose among posts that were begun at one moment: that at the same address, else the only one."""
    same = next((post_id for post_id, here in found if here == slug), None)
    return same or (found[0][0] if len(found) == 1 else None)


async def _people(
    db: AsyncSession, batch: Sequence[Ready], company: Company, now: datetime, report: Report
) -> dict[str, User]:
    """Fetch everybody whom these posts name, by the username that the archive has; make who is missing in its list."""
    named = {name for one in batch for name in one.post.words.authors or [NOBODY]}
    named |= {name for one in batch if one.change for name in (one.change.saved_by, *one.change.also_by) if name}
    ids = {name: company.ids[name] for name in named if name in company.ids}
    by_id = await archives.users_by_id(db, ids.values())
    found = {name: by_id[user_id] for name, user_id in ids.items()}
    written = {name for one in batch for name in one.post.words.authors or [NOBODY]} - found.keys()
    made, count = await authors.named(db, [Person(name) for name in sorted(written)], now)
    report.authors_made += count
    return found | made


async def _tags(db: AsyncSession, batch: Sequence[Ready], report: Report) -> dict[str, Tag]:
    """Find or make the tags of these posts, by key; the list of tags made them, unless somebody edited the archive."""
    names = [name for one in batch for name in one.post.words.tags]
    keys = await imports.tag_keys(db, {tag_key(name) for name in names})
    found = {tag.key: tag for tag in await tags.named(db, names)} if names else {}
    report.tags_made += len(found.keys() - keys)
    return found


def _made(one: Ready, slug: str, cover: Media | None, byline: Sequence[User], about: Sequence[Tag]) -> Post:
    it, words = one.post, one.post.words
    post = Post(
        owner=byline[0],
        owner_id=byline[0].id,
        kind=it.kind,
        visibility=words.visibility,
        language=words.language or None,
        cover=cover,
        cover_alt=words.cover_alt,
        canonical_url=words.canonical_url,
        description=words.description,
        source=it.source,
        source_hash=it.source_hash,
        created_at=it.created_at,
        co_authors=[],
        tags=[],
    )
    post.revise(
        title=words.title,
        slug=slug,
        excerpt=words.excerpt,
        body=words.body,
        rendered=one.rendered,
        tags=list(dict.fromkeys(about)),
        others=byline[1:],
        now=it.updated_at,
        by=None,
    )
    # What happened to it elsewhere happens to nobody here: no verb, no notice, no review.
    post.status, post.is_featured, post.saved_at = it.status, it.is_featured, it.saved_at
    post.published_at, post.first_published_at = it.published_at, it.first_published_at
    post.expires_at, post.trashed_at = it.expires_at, it.trashed_at
    return post


def _set_aside(post: Post, change: ToldChange, people: Mapping[str, User], company: Company) -> None:
    """Keep the words that readers do not see yet as the newest of the post, with who saved them."""
    saver = people.get(change.saved_by)
    also: list[int | str] = [people[name].id for name in change.also_by if name in people]
    saved_at = post.saved_at
    save = Save(change.saved_at, saver)
    words = as_columns(change.words)
    words["authors"] = [company.usernames.get(name, name) for name in change.words.authors]
    revision = Revision.of(words, post.revision_number + 1, save)
    revision.saved_by_name = "" if saver else change.saved_by_name
    revision.also_by = [*also, *change.also_by_names]
    post.revisions.add(revision)
    post.revision_number, post.saved_at = revision.number, saved_at


def as_columns(words: Words) -> dict[str, object]:
    """Give words as a revision holds them."""
    return {
        "title": words.title,
        "slug": words.slug,
        "body": words.body,
        "excerpt": words.excerpt,
        "tags": list(words.tags),
        "language": words.language,
        "visibility": words.visibility,
        "cover": words.cover,
        "cover_alt": words.cover_alt,
        "canonical_url": words.canonical_url,
        "description": words.description,
    }
