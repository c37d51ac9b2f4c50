"""Prepared posts into the database: a few in one transaction, each of them whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.content.markdown import Rendered
from blog.content.slugs import tag_key
from blog.database import begin_write
from blog.models import Event, Kind, Media, Post, Redirect, Status, Tag, User, Visibility
from blog.models.post import path_of
from blog.queries import aliases, imports, media, posts, redirects, revisions, site, tags
from blog.search import Document
from blog.transfer import authors
from blog.transfer.report import Report
from blog.transfer.source import Person, SourcePost
from blog.transfer.unpublished import keep_on_top, texts_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """A post that is ready to be stored. `slug` is where it was planned; `moves` says that it leaves the one it has.

    `cover` is the address of its picture here; `file_paths` are the old paths of its files and where these are now.
    """

    post: SourcePost
    source: str
    digest: str
    slug: str
    is_new: bool
    moves: bool
    body: str
    rendered: Rendered
    document: Document
    byline: tuple[Person, ...]
    cover: str = ""
    file_paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        return [*self.post.aliases, *self.post.permalinks]


@dataclass(slots=True)
class _Stored:
    """A post in this transaction: whether it is new and whether readers could see it before."""

    one: Prepared
    post: Post
    is_new: bool
    was_live: bool = False


async def store(db: AsyncSession, batch: Sequence[Prepared], now: datetime) -> Report:
    """Write some posts with their authors, tags and redirects; the caller commits. Give what was done."""
    await begin_write(db)
    told = Report()
    people, told.authors_made = await authors.named(db, (person for one in batch for person in one.byline), now)
    covers = await media.at_urls(db, {one.cover for one in batch if one.cover})
    subjects = await _tags(db, batch, told)
    taken = await imports.taken_among(db, (one.slug for one in batch if one.is_new))
    stored: list[_Stored] = []
    for one in batch:
        byline = list(dict.fromkeys(people[person.key] for person in one.byline))
        about = list(dict.fromkeys(subjects[name] for name in one.post.tags))
        post = None if one.is_new else await posts.by_source(db, one.source)
        if post is None:
            slug = one.slug if one.slug not in taken else await posts.free_slug(db, one.slug)
            if slug != one.slug:
                told.doubt(one.post.file, None, f"The address “{one.slug}” was taken meanwhile; it is at “{slug}”.")
            stored.append(_Stored(one, _new(one, slug, byline, about, covers.get(one.cover), now), True))
        elif post.status == Status.TRASHED:
            told.unchanged += 1
            told.doubt(one.post.file, None, "The post is in the trash here and was left as it is.")
        else:
            was_live = post.is_live(now)
            if words := await _revise(db, one, post, byline, about, covers.get(one.cover), now):
                told.doubt(one.post.file, None, words)
            stored.append(_Stored(one, post, False, was_live))
    events = [(entry.post, event) for entry in stored if (event := _settled(entry, now, told))]
    db.add_all(entry.post for entry in stored)
    await db.flush()  # the events, files and redirects need the posts' ids
    for post, event in events:
        event.subject_id = post.id
        db.add(event)
    await _link(db, stored, now, told)
    texts = [search.Words(entry.post, entry.one.rendered.text, entry.one.document) for entry in stored]
    await search.take_in_all(db, texts)
    told.imported = sum(entry.is_new for entry in stored)
    told.updated = len(stored) - told.imported
    if any(entry.was_live or entry.post.is_live(now) for entry in stored):
        await site.touch(db)
    return told


async def _tags(db: AsyncSession, batch: Sequence[Prepared], told: Report) -> dict[str, Tag]:
    """Find or make the tags that files name; a name that a tag had here before finds what that became."""
    names = {name: name for one in batch for name in one.post.tags}
    if not names:
        return {}
    became = await aliases.meant(db, names)
    names |= {name: now.name for name, now in became.items()}
    for one in batch:
        for name in one.post.tags:
            if name in became:
                told.doubt(one.post.file, None, f"The tag “{name}” has become “{names[name]}” here.")
    known = await imports.tag_keys(db, {tag_key(name) for name in names.values()})
    found = {tag.key: tag for tag in await tags.named(db, names.values())}
    told.tags_made = len(found.keys() - known)
    return {name: found[tag_key(now)] for name, now in names.items()}


def _new(one: Prepared, slug: str, byline: list[User], about: list[Tag], cover: Media | None, now: datetime) -> Post:
    date = one.post.date or now
    post = Post(
        kind=Kind.PAGE if one.post.is_page else Kind.POST,
        owner=byline[0],
        owner_id=byline[0].id,
        status=Status.DRAFT,
        visibility=one.post.visibility,
        is_featured=one.post.is_featured,
        source=one.source,
        source_hash=one.digest,
        created_at=date,
        co_authors=[],
        tags=[],
    )
    post.cover, post.cover_alt = cover, one.post.cover_alt if cover else ""
    _put_words(post, one, slug, byline, about, now)
    post.updated_at = post.saved_at = max(date, one.post.updated or date)
    return post


async def _revise(
    db: AsyncSession,
    one: Prepared,
    post: Post,
    byline: list[User],
    about: list[Tag],
    cover: Media | None,
    now: datetime,
) -> str:
    """Put the file's new words in place of the post's; those it had stay as a revision.

    Changes that readers did not see stay what they were; give what is to be told of them, if there are any.
    """
    slug, shown, before = post.slug, post.shown_revision, texts_of(post)
    working = await revisions.newest(db, post) if post.has_working_copy else None
    if one.moves:
        slug = await posts.free_slug(db, one.slug, but=post)
        await redirects.forget(db, path_of(post.kind, slug))
        await redirects.remember(db, post.path, post, now)
    if post.owner_id != byline[0].id:
        detail = {"before": post.owner_id, "after": byline[0].id}
        db.add(Event.about("post.transferred", post, now, None, **detail))
        post.owner, post.owner_id = byline[0], byline[0].id
    if cover is not None:
        post.cover, post.cover_alt = cover, one.post.cover_alt or post.cover_alt
    post.is_featured = post.is_featured or one.post.is_featured
    if one.post.visibility != Visibility.PUBLIC:
        post.visibility = one.post.visibility
    _put_words(post, one, slug, byline, about, now)
    post.source_hash = one.digest
    db.add(Event.about("post.saved", post, now, None, by_import=True))
    return await keep_on_top(db, post, working, before, shown, now) if working else ""


def _put_words(post: Post, one: Prepared, slug: str, byline: list[User], about: list[Tag], now: datetime) -> None:
    post.language = one.post.language or None
    # What a file does not say may have been added here.
    post.canonical_url = one.post.canonical_url or post.canonical_url or ""
    post.description = one.post.description or post.description or ""
    post.revise(
        title=one.post.title,
        slug=slug,
        excerpt=one.post.excerpt,
        body=one.body,
        rendered=one.rendered,
        tags=about,
        others=byline[1:],
        now=now,
        by=None,
    )


def _settled(entry: _Stored, now: datetime, told: Report) -> Event | None:
    """Publish what its file shows to readers; a post that was taken back here is not published again by a file."""
    source, post = entry.one.post, entry.post
    if source.is_draft:
        if not entry.is_new and post.status == Status.PUBLISHED:
            told.doubt(source.file, None, "The file is a draft now, but the post stays published; withdraw it here.")
        if entry.is_new and source.is_pending:
            return post.submit(now=now, by=post.owner)
        return Event.about("post.created", post, now, None, by_import=True) if entry.is_new else None
    at = source.date or post.published_at or post.created_at
    never_shown = post.status == Status.DRAFT and post.first_published_at is None
    if never_shown or (post.status == Status.PUBLISHED and post.published_at != at):
        event = post.publish(now=now, by=None, at=at)
        if source.expires:
            # Also one that is over: readers do not find again what its site did not show any more.
            post.end_at(source.expires)
        return event
    if post.status != Status.PUBLISHED:
        told.doubt(source.file, None, "The post was taken back here and stays so; publish it here if it should show.")
    return None


async def _link(db: AsyncSession, stored: Sequence[_Stored], now: datetime, told: Report) -> None:
    """Link posts to the files that they show, and old addresses to posts; none is taken from another post."""
    leads = await imports.leads_to(db, {path for entry in stored for path in entry.one.paths})
    for entry in stored:
        one, post = entry.one, entry.post
        shown = [url for url in one.rendered.files if url.startswith("/media/")]
        if post.cover is not None:
            shown.append(post.cover.url)
        if shown or not entry.is_new:
            await media.link(db, post, shown)
        for path in one.paths:
            holder = leads.get(path, post.id)
            if holder not in {None, post.id}:
                told.doubt(one.post.file, None, f"The old address {path} leads to another post already.")
            elif path != post.path and (path not in leads or holder is None):
                if path in leads:
                    await redirects.remember(db, path, post, now)
                else:
                    db.add(Redirect(path=path, post_id=post.id, created_at=now))
                leads[path] = post.id
                told.redirects_made += path in one.post.aliases
                told.permalinks_made += path not in one.post.aliases
    await _lead_to_files(db, stored, now, told)
    await db.flush()


async def _lead_to_files(db: AsyncSession, stored: Sequence[_Stored], now: datetime, told: Report) -> None:
    """Let the old addresses of files lead to where these are now, unless they lead anywhere already."""
    wanted = {path: url for entry in stored for path, url in entry.one.file_paths.items()}
    told.files_led += await redirects.put_new(db, wanted, now)
