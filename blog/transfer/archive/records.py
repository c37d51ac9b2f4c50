"""Rows as the records of an archive: which facts, under which names, in which order.

Names that Hugo and Jekyll know are theirs (date, draft, lastmod, aliases, lang, expiryDate); the others are ours. People
are named by their usernames, files by their addresses.
"""

from collections.abc import Mapping, Sequence

from blog.models import Kind, Media, Post, Revision, Site, Status, Tag, User, UserStatus, Visibility
from blog.models.media import MIDDLE
from blog.queries.export import AnyRedirect
from blog.transfer.archive.yaml import written

FENCE = "---\n"


def post_file(post: Post, aliases: Sequence[str]) -> str:
    """Write a post as Markdown with front matter. Its byline, tags, cover and text must be loaded."""
    head = {
        "title": post.title,
        "slug": post.slug,
        "date": post.published_at,
        "draft": post.status != Status.PUBLISHED,
        "status": str(post.status) if post.status in {Status.PENDING, Status.TRASHED} else None,
        "layout": "page" if post.kind == Kind.PAGE else None,
        "featured": post.is_featured,
        "visibility": _unless_public(post.visibility),
        "authors": [user.username for user in post.authors],
        "tags": [tag.name for tag in post.tags],
        "lang": post.language,
        "excerpt": post.excerpt,
        "description": post.description,
        "canonical_url": post.canonical_url,
        "cover": post.cover.url if post.cover else None,
        "cover_alt": post.cover_alt,
        "aliases": sorted(aliases),
        "created": post.created_at,
        "lastmod": post.updated_at,
        "saved": post.saved_at if post.saved_at != post.updated_at else None,
        "first_published": post.first_published_at,
        "expiryDate": post.expires_at,
        "trashed": post.trashed_at,
        "source": post.source,
        "source_hash": post.source_hash,
    }
    return FENCE + written(head) + FENCE + post.body


def unpublished_file(post: Post, words: Revision, people: Mapping[int, str]) -> str:
    """Write the words of a post that readers do not see yet; `people` are the usernames by id."""
    head = {
        "title": words.title,
        "slug": words.slug,
        "changes": post.slug,
        "draft": True,
        "visibility": _unless_public(words.visibility),
        # Whoever owned the post when this was saved, its owner now does.
        "authors": [post.owner.username, *words.authors[1:]],
        "tags": words.tags,
        "lang": words.language,
        "excerpt": words.excerpt,
        "description": words.description,
        "canonical_url": words.canonical_url,
        "cover": words.cover,
        "cover_alt": words.cover_alt,
        "saved": words.saved_at,
        "saved_by": people.get(words.saved_by_id or 0),
        "saved_by_name": words.saved_by_name,
        # Of those who were deleted since, the names stand where their numbers were.
        "also_by": [people[one] for one in words.also_by if one in people],
        "also_by_names": [one for one in words.also_by if isinstance(one, str)],
    }
    return FENCE + written(head) + FENCE + words.body


def person(user: User, aliases: Sequence[str]) -> dict[str, object]:
    """Tell of a person what is no secret and no trace of their visits."""
    return {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "role": str(user.role),
        "status": str(user.status) if user.status != UserStatus.ACTIVE else None,
        "bio": user.bio,
        "links": user.links,
        "picture": user.picture.url if user.picture else None,
        "language": user.language,
        "timezone": user.timezone,
        "no_mail": not user.wants_mail,
        "created": user.created_at,
        "aliases": sorted(aliases),
    }


def tag(one: Tag, names: Sequence[str], aliases: Sequence[str]) -> dict[str, object]:
    """Tell of a tag; `names` are those that it had before, `aliases` its old addresses."""
    return {
        "name": one.name,
        "slug": one.slug,
        "description": one.description,
        "former_names": sorted(names),
        "aliases": sorted(aliases),
    }


def redirect(row: AnyRedirect) -> dict[str, object]:
    """Tell where an address leads by hand, or that it is gone."""
    return {"from": row.path, "to": row.target, "code": row.code or None, "gone": row.code == 0}


def media(row: Media) -> dict[str, object]:
    """Tell of a file what its bytes do not say; smaller copies are made anew from those."""
    return {
        "file": row.name,
        "original_name": row.original_name,
        "alt": row.alt,
        "focus_x": row.focus_x if row.focus_x != MIDDLE else None,
        "focus_y": row.focus_y if row.focus_y != MIDDLE else None,
        "uploaded_by": row.uploaded_by.username if row.uploaded_by else None,
        "created": row.created_at,
    }


def site(row: Site) -> dict[str, object]:
    """Tell how the publication is set up."""
    return {
        "title": row.title,
        "tagline": row.tagline,
        "description": row.description,
        "language": row.language,
        "timezone": row.timezone,
        "accent": row.accent,
        "logo": row.logo.url if row.logo else None,
        "icon": row.icon.url if row.icon else None,
        "posts_per_page": row.posts_per_page,
        "navigation": [{"label": label, "address": address} for label, address in row.navigation],
        "footer": row.footer,
        "registration": str(row.registration),
        "new_visibility": str(row.new_visibility),
        "second_factor_roles": row.second_factor_roles,
    }


def _unless_public(visibility: str) -> str | None:
    return str(visibility) if visibility != Visibility.PUBLIC else None
