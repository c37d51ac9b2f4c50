"""What can be done with many posts at once: who may do it with which of them, and how it is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blog import policy
from blog.forms.posts import MOST_TAGS
from blog.languages import gettext, mark
from blog.models import Deed, Event, Post, Status, Tag, User, Visibility
from blog.models.bulk import retag, show_to
from blog.policy import Action

Rule = Callable[[User, Post], bool]
FORBIDDEN = mark("You may not do this with these.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A deed as the desk offers it: the role that it needs, its label, its rule for a post, and when there is nothing
    to do with one: `why` says that of several.
    """

    needs: Action
    label: str
    rule: Rule
    is_idle: Callable[[Post, datetime, Tag | None], bool]
    why: str


@dataclass(slots=True)
class Parted:
    """The chosen posts: those that the deed changes, and those that it leaves, by the reason."""

    changing: list[Post] = field(default_factory=list)
    left: dict[str, list[Post]] = field(default_factory=dict)

    @property
    def left_count(self) -> int:
        return sum(len(posts) for posts in self.left.values())


KINDS: dict[Deed, Kind] = {
    Deed.PUBLISH: Kind(
        Action.PUBLISH, mark("Publish"), policy.may_publish,
        lambda post, now, tag: post.is_live(now) or post.status == Status.TRASHED,
        mark("These are published already, or in the trash."),
    ),
    Deed.WITHDRAW: Kind(
        Action.PUBLISH, mark("Withdraw"), policy.may_publish,
        lambda post, now, tag: post.status != Status.PUBLISHED,
        mark("These are not published."),
    ),
    Deed.TAG: Kind(
        Action.WRITE, mark("Add a tag"), policy.may_edit,
        lambda post, now, tag: tag in post.tags or len(post.tags) >= MOST_TAGS,
        mark("These have the tag already, or as many tags as a post can have."),
    ),
    Deed.UNTAG: Kind(
        Action.WRITE, mark("Remove a tag"), policy.may_edit,
        lambda post, now, tag: tag is not None and tag not in post.tags,
        mark("These do not have the tag."),
    ),
    Deed.SHOW_ALL: Kind(
        Action.WRITE, mark("Show to everybody"), policy.may_edit,
        lambda post, now, tag: post.visibility == Visibility.PUBLIC,
        mark("Everybody may read these already."),
    ),
    Deed.SHOW_MEMBERS: Kind(
        Action.WRITE, mark("Show to members only"), policy.may_edit,
        lambda post, now, tag: post.visibility == Visibility.MEMBERS,
        mark("These are for members already."),
    ),
    Deed.FEATURE: Kind(
        Action.EDIT_ALL, mark("Feature"), policy.may_transfer,
        lambda post, now, tag: post.is_featured,
        mark("These are featured already."),
    ),
    Deed.UNFEATURE: Kind(
        Action.EDIT_ALL, mark("No longer feature"), policy.may_transfer,
        lambda post, now, tag: not post.is_featured,
        mark("These are not featured."),
    ),
    Deed.TRASH: Kind(
        Action.WRITE, mark("Move to the trash"), policy.may_delete,
        lambda post, now, tag: post.status == Status.TRASHED,
        mark("These are in the trash already."),
    ),
    Deed.RESTORE: Kind(
        Action.WRITE, mark("Bring back from the trash"), policy.may_delete,
        lambda post, now, tag: post.status != Status.TRASHED,
        mark("These are not in the trash."),
    ),
    Deed.DELETE: Kind(
        Action.WRITE, mark("Delete for good"), policy.may_delete,
        lambda post, now, tag: post.status != Status.TRASHED,
        mark("Only what is in the trash can be deleted for good."),
    ),
}  # fmt: skip
TAGGING = (Deed.TAG, Deed.UNTAG)
SHOWING = frozenset({Deed.SHOW_ALL, Deed.SHOW_MEMBERS})
OF_TRASH = (Deed.RESTORE, Deed.DELETE)


def label(deed: Deed) -> str:
    return gettext(KINDS[deed].label)


def offered(viewer: User, status: str) -> list[tuple[Deed, str]]:
    """List the deeds that the viewer's role may do with posts of a status, with their labels."""
    is_trash = status == Status.TRASHED
    return [
        (deed, label(deed))
        for deed, kind in KINDS.items()
        if policy.may(viewer, kind.needs) and (deed in OF_TRASH) == is_trash
    ]


def sort_out(viewer: User, deed: Deed, posts: Sequence[Post], tag: Tag | None, now: datetime) -> Parted:
    """Part the posts that a deed changes from those that it leaves."""
    kind, found = KINDS[deed], Parted()
    for post in posts:
        if kind.is_idle(post, now, tag):
            found.left.setdefault(gettext(kind.why), []).append(post)
        elif not kind.rule(viewer, post):
            found.left.setdefault(gettext(FORBIDDEN), []).append(post)
        else:
            found.changing.append(post)
    return found


def do(deed: Deed, post: Post, tag: Tag | None, *, now: datetime, by: User) -> Event:
    """Do a deed with one post; deleting takes more than the post and is not done here."""
    match deed:
        case Deed.PUBLISH:
            return post.publish(now=now, by=by)
        case Deed.WITHDRAW:
            return post.withdraw(now=now, by=by)
        case Deed.TRASH:
            return post.trash(now=now, by=by)
        case Deed.RESTORE:
            return post.restore(now=now, by=by)
        case Deed.FEATURE | Deed.UNFEATURE:
            return post.feature(deed == Deed.FEATURE, now=now, by=by)
        case Deed.SHOW_ALL | Deed.SHOW_MEMBERS:
            return show_to(post, Visibility.PUBLIC if deed == Deed.SHOW_ALL else Visibility.MEMBERS, now=now, by=by)
    if tag is None:
        raise ValueError(deed)
    return retag(post, tag, now=now, by=by)
