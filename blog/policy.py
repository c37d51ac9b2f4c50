"""Who may see and do what. Every rule of the publication stands here and nowhere else.

`ALLOWED` is the role table: what a role may do at all; each route names the action it serves. A rule about one row
comes in two forms that must agree: `may_<verb>(viewer, row)` for a row in hand, `<adjective>_by(viewer)` for SQL.
Hidden rows answer 404 through the SQL form; forbidden deeds answer 403 after the other.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from blog.languages import mark
from blog.models import (
    CoAuthor,
    Comment,
    Invitation,
    Kind,
    Media,
    Post,
    Role,
    Share,
    Site,
    Status,
    User,
    UserStatus,
    Visibility,
)
from blog.models.media import post_media
from blog.models.post import post_tags


class Action(StrEnum):
    """A row of the role table; the value is how the permissions page words it."""

    READ = mark("Read public posts")
    READ_MEMBERS = mark("Read posts for members")
    OWN_ACCOUNT = mark("Own profile, password and sessions")
    WRITE = mark("Write, edit and delete own drafts, submit them for review, upload media")
    PUBLISH = mark("Publish, schedule and withdraw own posts, edit own published posts")
    EDIT_ALL = mark("Edit, publish, withdraw and delete anyone’s posts, transfer and feature them, manage all media")
    ADMINISTER = mark("Users, roles, site settings, import and export, events")


ROLES = (mark("viewer"), mark("contributor"), mark("author"), mark("editor"), mark("admin"))
"""The roles as pages name them."""

ANYONE = frozenset[Role | None]({None, *Role})
SIGNED_IN = frozenset[Role | None](Role)
WRITERS = SIGNED_IN - {Role.VIEWER}
AUTHORS = WRITERS - {Role.CONTRIBUTOR}
EDITORS = AUTHORS - {Role.AUTHOR}
ADMINS = frozenset[Role | None]({Role.ADMIN})

ALLOWED: dict[Action, frozenset[Role | None]] = {
    Action.READ: ANYONE,
    Action.READ_MEMBERS: SIGNED_IN,
    Action.OWN_ACCOUNT: SIGNED_IN,
    Action.WRITE: WRITERS,
    Action.PUBLISH: AUTHORS,
    Action.EDIT_ALL: EDITORS,
    Action.ADMINISTER: ADMINS,
}
"""Which roles may do what; None is a visitor who has not signed in."""

# Written out, not as parameters: the indexes of what is live or waits hold for these values only.
PUBLISHED: ColumnElement[Status] = literal_column(f"'{Status.PUBLISHED}'")
PENDING: ColumnElement[Status] = literal_column(f"'{Status.PENDING}'")
POST: ColumnElement[Kind] = literal_column(f"'{Kind.POST}'")
PAGE: ColumnElement[Kind] = literal_column(f"'{Kind.PAGE}'")
UNPUBLISHED = (Status.DRAFT, Status.PENDING)
WRITERS_TRASH = (*UNPUBLISHED, Status.TRASHED)


def may(viewer: User | None, action: Action) -> bool:
    """Decide by role alone; a suspended person may do only what anybody may."""
    role = viewer.role if viewer and viewer.is_active else None
    return role in ALLOWED[action]


def needs_second_factor(viewer: User | None, site: Site) -> bool:
    """Decide whether a person must sign in with more than a password to do anything here."""
    return viewer is not None and viewer.role in site.second_factor_roles


def live(now: datetime, of: type[Post] = Post) -> ColumnElement[bool]:
    """Select what is published, whose time has come and not yet gone: the SQL twin of `post.is_live`.

    `of` is another name for posts, where a statement reads them twice.
    """
    return and_(of.status == PUBLISHED, _between(of.published_at, of.expires_at, now))


def ended(now: datetime) -> ColumnElement[bool]:
    """Select what readers have lost at the time that was set for it: the SQL twin of `post.is_ended`."""
    return and_(Post.status == PUBLISHED, Post.expires_at <= now)


def listed_under_tags(now: datetime) -> ColumnElement[bool]:
    """Select the places of listed posts under their tags, by what triggers keep there: `listed` without the posts."""
    return _between(post_tags.c.live_at, post_tags.c.live_until, now)


def listed_under_co_authors(now: datetime) -> ColumnElement[bool]:
    """Select the places of listed posts under those who wrote them with their owners, in the same way."""
    return _between(CoAuthor.live_at, CoAuthor.live_until, now)


def _between(since: Any, until: Any, now: datetime) -> ColumnElement[bool]:
    return and_(since <= now, or_(until.is_(None), until > now))


def may_find(post: Post, now: datetime) -> bool:
    """Decide whether feeds, lists, tags and archives show the post; of one for members they show title and excerpt."""
    return post.is_live(now) and post.kind == Kind.POST


def listed(now: datetime, of: type[Post] = Post) -> ColumnElement[bool]:
    return and_(live(now, of), of.kind == POST)


def may_open(viewer: User | None, post: Post, now: datetime) -> bool:
    """Decide whether the public address shows anything: it is live, or the viewer works on it."""
    return post.is_live(now) or may_see(viewer, post)


def openable_by(viewer: User | None, now: datetime) -> ColumnElement[bool]:
    return or_(live(now), seen_by(viewer))


def may_read(viewer: User | None, post: Post, now: datetime) -> bool:
    """Decide whether the viewer may read the whole text: it is live and for them, or they work on it."""
    is_theirs = post.visibility == Visibility.PUBLIC or may(viewer, Action.READ_MEMBERS)
    return (post.is_live(now) and is_theirs) or may_see(viewer, post)


def readable_by(viewer: User | None, now: datetime) -> ColumnElement[bool]:
    if may(viewer, Action.READ_MEMBERS):
        return openable_by(viewer, now)
    return or_(and_(live(now), Post.visibility == Visibility.PUBLIC), seen_by(viewer))


def may_see(viewer: User | None, post: Post) -> bool:
    """Decide whether the desk pages exist for this viewer: the post is theirs, or they edit all posts and the pages."""
    if viewer is None or not may(viewer, Action.WRITE):
        return False
    return may(viewer, Action.EDIT_ALL) or (post.kind == Kind.POST and post.is_by(viewer))


def seen_by(viewer: User | None) -> ColumnElement[bool]:
    if viewer is None or not may(viewer, Action.WRITE):
        return false()
    return true() if may(viewer, Action.EDIT_ALL) else and_(named_in(viewer), Post.kind == Kind.POST)


def may_edit(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may change the words; who may not publish edits only what is not yet published."""
    return may_see(viewer, post) and (may(viewer, Action.PUBLISH) or post.status in UNPUBLISHED)


def editable_by(viewer: User | None) -> ColumnElement[bool]:
    if may(viewer, Action.PUBLISH):
        return seen_by(viewer)
    return and_(seen_by(viewer), Post.status.in_(UNPUBLISHED))


def may_submit(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may ask the editors to look at the post."""
    return may_see(viewer, post) and post.status == Status.DRAFT


def submittable_by(viewer: User | None) -> ColumnElement[bool]:
    return and_(seen_by(viewer), Post.status == Status.DRAFT)


def may_review(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may return what was submitted to its authors."""
    return may(viewer, Action.EDIT_ALL) and may_see(viewer, post) and post.status == Status.PENDING


def reviewable_by(viewer: User | None) -> ColumnElement[bool]:
    if not may(viewer, Action.EDIT_ALL):
        return false()
    # In the words of the index of what is not published: SQLite would count them in one of all posts.
    return and_(seen_by(viewer), Post.kind.in_((POST, PAGE)), Post.status == PENDING, Post.status != PUBLISHED)


def may_comment(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may comment on the post, answer and resolve; who may see it may read the comments."""
    return may_see(viewer, post) and post.status != Status.TRASHED


def commentable_by(viewer: User | None) -> ColumnElement[bool]:
    return and_(seen_by(viewer), Post.status != Status.TRASHED)


def may_share(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may show the post to somebody without an account, by a secret link."""
    return may_edit(viewer, post) and post.status != Status.TRASHED


def shareable_by(viewer: User | None) -> ColumnElement[bool]:
    return and_(editable_by(viewer), Post.status != Status.TRASHED)


def may_follow(share: Share, now: datetime) -> bool:
    """Decide whether a secret link opens anything: it holds, its maker is active, the post is not in the trash."""
    maker_is_active = share.made_by is not None and share.made_by.is_active
    return share.holds(now) and maker_is_active and share.post.status != Status.TRASHED


def followable(now: datetime) -> ColumnElement[bool]:
    return and_(
        Share.revoked_at.is_(None),
        Share.expires_at > now,
        Share.made_by.has(User.status == UserStatus.ACTIVE),
        Share.post.has(Post.status != Status.TRASHED),
    )


def may_hear(share: Share, thread: Comment, comment: Comment) -> bool:
    """Decide whether a guest may read a comment of a thread: said through their link, or to them in answer to that."""
    return thread.share_id == share.id and (comment.share_id == share.id or comment.is_for_guest)


def heard_through(share: Share) -> ColumnElement[bool]:
    begun = aliased(Comment)
    theirs = select(begun.id).where(begun.share_id == share.id, begun.answers_id.is_(None))
    answers = and_(Comment.answers_id.in_(theirs), or_(Comment.share_id == share.id, Comment.is_for_guest))
    return or_(and_(Comment.share_id == share.id, Comment.answers_id.is_(None)), answers)


def may_publish(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may show the post to readers, schedule it or take it back."""
    return may_see(viewer, post) and may(viewer, Action.PUBLISH) and post.status != Status.TRASHED


def publishable_by(viewer: User | None) -> ColumnElement[bool]:
    if not may(viewer, Action.PUBLISH):
        return false()
    return and_(seen_by(viewer), Post.status != Status.TRASHED)


def may_delete(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may put the post in the trash, take it out or delete it; co-authors may not."""
    if viewer is None or not may_see(viewer, post):
        return False
    if may(viewer, Action.EDIT_ALL):
        return True
    is_own = post.owner_id == viewer.id
    return is_own and (may(viewer, Action.PUBLISH) or post.status in WRITERS_TRASH)


def deletable_by(viewer: User | None) -> ColumnElement[bool]:
    if viewer is None or not may(viewer, Action.WRITE):
        return false()
    if may(viewer, Action.EDIT_ALL):
        return true()
    own = and_(Post.owner_id == viewer.id, Post.kind == Kind.POST)
    return own if may(viewer, Action.PUBLISH) else and_(own, Post.status.in_(WRITERS_TRASH))


def may_transfer(viewer: User | None, post: Post) -> bool:
    """Decide whether the viewer may give the post to another owner or feature it."""
    return may_see(viewer, post) and may(viewer, Action.EDIT_ALL)


def transferable_by(viewer: User | None) -> ColumnElement[bool]:
    return true() if may(viewer, Action.EDIT_ALL) else false()


def file_viewable_by(viewer: User | None, now: datetime) -> ColumnElement[bool]:
    """Select what files a viewer may fetch: those of posts that they may read, of people and the site, and their own."""
    if may(viewer, Action.EDIT_ALL):
        return true()
    in_text = exists(
        select(post_media.c.post_id)
        .join(Post, Post.id == post_media.c.post_id)
        .where(post_media.c.media_id == Media.id, readable_by(viewer, now))
        .correlate(Media)
    )
    of_person = exists(select(User.id).where(User.picture_id == Media.id).correlate(Media))
    of_site = exists(select(Site.id).where(or_(Site.logo_id == Media.id, Site.icon_id == Media.id)).correlate(Media))
    shown = or_(in_text, of_person, of_site)
    if viewer is None or not may(viewer, Action.WRITE):
        return shown
    return or_(shown, Media.uploaded_by_id == viewer.id)


def may_manage(viewer: User | None, media: Media) -> bool:
    """Decide whether the viewer finds a file in the library, and may describe, replace and delete it."""
    if viewer is None or not may(viewer, Action.WRITE):
        return False
    return may(viewer, Action.EDIT_ALL) or media.uploaded_by_id == viewer.id


def manageable_by(viewer: User | None) -> ColumnElement[bool]:
    if viewer is None or not may(viewer, Action.WRITE):
        return false()
    return true() if may(viewer, Action.EDIT_ALL) else Media.uploaded_by_id == viewer.id


def may_govern(viewer: User | None, user: User) -> bool:
    """Decide whether the viewer may change a person's role or suspend them; nobody does this to themselves."""
    return viewer is not None and may(viewer, Action.ADMINISTER) and viewer.id != user.id


def governable_by(viewer: User | None) -> ColumnElement[bool]:
    if viewer is None or not may(viewer, Action.ADMINISTER):
        return false()
    return User.id != viewer.id


def may_be_accepted(invitation: Invitation, now: datetime) -> bool:
    """Decide whether an invitation opens the door: it holds, and who made it is still one who may invite."""
    return invitation.holds(now) and may(invitation.by, Action.ADMINISTER)


def named_in(viewer: User) -> ColumnElement[bool]:
    """Select the posts in whose byline somebody stands: the SQL twin of `post.is_by`."""
    named = select(CoAuthor.post_id).where(CoAuthor.user_id == viewer.id)
    return or_(Post.owner_id == viewer.id, Post.id.in_(named))
