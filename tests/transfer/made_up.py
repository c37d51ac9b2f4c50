"""Blogs that nobody wrote: odd words, odd dates, every state, put into a database as they are."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import is_slug, slugify, tag_key
from blog.content.text import clean_text
from blog.content.worker import render_off_loop
from blog.languages.offered import OFFERED
from blog.models import (
    CoAuthor,
    Kind,
    Media,
    Opening,
    Post,
    Redirect,
    Revision,
    Role,
    Status,
    Tag,
    TagAlias,
    User,
    UserStatus,
    Visibility,
)
from blog.models.user import email_key
from blog.queries import site

ODD = [
    "---", "+++", "---\ntitle: no head\n---\n", "\n---\n", "...", "yes", "No", "null", "~", "1.10", "0x1F", "2026-11-30",
    "12:30", " leads", "trails ", "two  spaces", "# heading", "a: b", "a #b", "- item", "& anchor", "*alias", "!tag",
    "%directive", "@at", "`tick`", "{{ braces }}", "{% if %}", "[list]", "{map}", "'single'", '"double"', "back\\slash",
    "\ufeffbom", "line\u2028separator", "next\x85line", "no\xa0break", "shy\xadhyphen", "tab\tstop", "CR\r\nLF\rCR", "e\u0301",
    "\U0001f600", "\U00020bb7野家", "عربى", "\u202eright to left", "ends with colon:", "?", "|", ">", ",", "=",
    "![picture](/media/none.png)", "<script>alert(1)</script>", "\n\n\n", "   \n", "[^1]: foot", "null\n", "true",
]  # fmt: skip
YEARS = (datetime(1000, 1, 1), datetime(8999, 12, 31))
moments = st.datetimes(*YEARS).map(lambda at: at.replace(tzinfo=UTC))


def texts(longest: int) -> st.SearchStrategy[str]:
    """Words as the forms let them into the database: without control characters, in NFC."""
    pieces = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
    return st.lists(pieces, max_size=3).map(lambda some: clean_text("".join(some))[:longest]).map(clean_text)


def titles(longest: int) -> st.SearchStrategy[str]:
    return (
        texts(longest).map(lambda text: text.replace("\n", " ")).map(lambda text: text if text.strip() else "Untitled")
    )


letters = st.one_of(st.sampled_from("abcXYZ019-_.~éßñ日ж"), st.characters(categories=["Ll", "Lu", "Lo", "Nd"]))
slugs = st.one_of(
    st.sampled_from(["con", "Aux", "NUL", "a.b", "Hello", "hello", "日" * 80, "\U00020bb7" * 80, "straße", "x" * 80]),
    st.text(letters, min_size=1, max_size=12).map(lambda text: text if is_slug(text) else slugify(text) or "nothing"),
)
parts = st.text(max_size=8).map(
    lambda text: "".join(letter for letter in text if letter.isprintable() and letter != "/").strip(".") or "old"
)
paths = st.lists(parts, min_size=1, max_size=3).map(lambda some: "/" + "/".join(some))


@st.composite
def blogs(draw: Any) -> dict[str, Any]:
    """Draw a whole blog as plain values; `fill` makes rows of them."""
    usernames = draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
    tag_names = draw(
        st.lists(titles(60).map(lambda name: name if tag_key(name) else "Tag"), max_size=4, unique_by=tag_key)
    )
    former = draw(st.lists(titles(60).map(tag_key).map(lambda key: key or "former"), max_size=2, unique=True))
    ways = iter(draw(st.lists(paths, max_size=12, unique=True)))
    tag_slugs = draw(st.lists(slugs, min_size=len(tag_names), max_size=len(tag_names), unique=True))
    post_slugs = draw(st.lists(slugs, max_size=4, unique=True))
    files = draw(st.lists(st.integers(0, 3), max_size=3, unique=True))
    return {
        "people": [draw(_people(name, number, ways, files)) for number, name in enumerate(usernames)],
        "tags": [
            {"name": name, "slug": slug, "description": draw(texts(200)), "alias": next(ways, None)}
            for name, slug in zip(tag_names, tag_slugs, strict=True)
        ],
        "former": [name for name in former if name not in {tag_key(one) for one in tag_names}] if tag_names else [],
        "files": [
            {
                "number": number,
                "alt": draw(texts(200)),
                "original_name": draw(titles(100)),
                "focus": draw(st.tuples(st.integers(0, 100), st.integers(0, 100))),
                "by": draw(st.sampled_from([None, *usernames])),
                "created_at": draw(moments),
            }
            for number in files
        ],
        "posts": [
            draw(_posts(slug, number, usernames, tag_names, files, ways)) for number, slug in enumerate(post_slugs)
        ],
        "redirects": [
            {
                "path": path,
                "code": code,
                "target": "" if code in (0, 410) else draw(st.sampled_from(["/about", "https://example.org/a%20b"])),
            }
            for path, code in zip(
                ways, draw(st.lists(st.sampled_from([0, 301, 302, 307, 308, 410]), max_size=4)), strict=False
            )
        ],
        "site": {
            "title": draw(titles(100)),
            "tagline": draw(texts(255)),
            "description": draw(texts(500)),
            "language": draw(st.sampled_from(sorted(OFFERED))),
            "timezone": draw(st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])),
            "accent": draw(st.sampled_from(["", "#8a2c18", "#000000"])),
            "posts_per_page": draw(st.integers(1, 100)),
            "navigation": draw(
                st.lists(
                    st.tuples(titles(40), st.sampled_from(["/about", "mailto:a@example.org"])).map(list), max_size=3
                )
            ),
            "footer": draw(texts(500)),
            "registration": draw(st.sampled_from(Opening)),
            "new_visibility": draw(st.sampled_from(Visibility)),
            "second_factor_roles": draw(
                st.lists(st.sampled_from([role.value for role in Role]), max_size=2, unique=True)
            ),
        },
        "logo": draw(st.sampled_from([None, *files])),
        "icon": draw(st.sampled_from([None, *files])),
    }


@st.composite
def _people(draw: Any, username: str, number: int, ways: Any, files: list[int]) -> dict[str, Any]:
    return {
        "username": username,
        "name": draw(titles(100)),
        "email": draw(st.sampled_from([None, f"Person{number}@example.org", f"é{number}@example.org"])),
        "role": draw(st.sampled_from(Role)),
        "status": draw(st.sampled_from(UserStatus)),
        "bio": draw(texts(500)),
        "links": draw(st.lists(st.sampled_from(["https://example.org/~me", "http://example.net/?a=b#c"]), max_size=2)),
        "language": draw(st.sampled_from(["", "en", "ru"])),
        "timezone": draw(st.sampled_from(["", "Asia/Tokyo"])),
        "wants_mail": draw(st.booleans()),
        "created_at": draw(moments),
        "picture": draw(st.sampled_from([None, *files])),
        "alias": next(ways, None) if draw(st.booleans()) else None,
    }


@st.composite
def _words(draw: Any, tag_names: list[str], files: list[int]) -> dict[str, Any]:
    shown = [f"![{number}](/media/{file_name(number)})\n" for number in files]
    return {
        "title": draw(titles(250)),
        "body": draw(texts(2000)) + "".join(draw(st.lists(st.sampled_from(shown), max_size=2)) if shown else []),
        "excerpt": draw(texts(1000)),
        "description": draw(texts(300)),
        "language": draw(st.sampled_from(["", "de", "en"])),
        "visibility": draw(st.sampled_from(Visibility)),
        "canonical_url": draw(st.sampled_from(["", "https://example.org/first?x=1#y"])),
        "cover": draw(st.sampled_from([None, *files])),
        "cover_alt": draw(texts(300)),
        "tags": draw(st.lists(st.sampled_from(tag_names), unique=True)) if tag_names else [],
    }


@st.composite
def _posts(
    draw: Any, slug: str, number: int, usernames: list[str], tag_names: list[str], files: list[int], ways: Any
) -> dict[str, Any]:
    status = draw(st.sampled_from(Status))
    maybe = st.one_of(st.none(), moments)
    return {
        "slug": slug,
        "kind": draw(st.sampled_from(Kind)),
        "status": status,
        "is_featured": draw(st.booleans()),
        "byline": draw(st.permutations(usernames))[: draw(st.integers(1, len(usernames)))],
        "words": draw(_words(tag_names, files)),
        "published_at": draw(moments if status == Status.PUBLISHED else maybe),
        "first_published_at": draw(maybe),
        "expires_at": draw(maybe),
        "trashed_at": draw(moments) if status == Status.TRASHED else None,
        "created_at": draw(moments),
        "updated_at": draw(moments),
        "saved_at": draw(maybe),
        "source": draw(st.sampled_from([None, f"markdown:old/{number} e\u0301.md"])),
        "aliases": [way for way in (next(ways, None) for _ in range(draw(st.integers(0, 2)))) if way],
        "unpublished": draw(st.one_of(st.none(), _words(tag_names, files))),
        "saved_by": draw(st.sampled_from(["", *usernames])),
        "gone": draw(st.sampled_from(["", "Somebody: gone"])),
    }


def file_name(number: int) -> str:
    return f"{sha256(str(number).encode()).hexdigest()[:32]}.png"


async def fill(db: AsyncSession, blog: dict[str, Any]) -> None:
    """Make the rows of a drawn blog; the bytes of its files are for the caller."""
    people = {one["username"]: _person(one) for one in blog["people"]}
    db.add_all(people.values())
    await db.flush()
    files = {}
    for one in blog["files"]:
        by = people[one["by"]] if one["by"] else None
        name = file_name(one["number"])
        files[one["number"]] = Media(
            name=name, stored=name, original_name=one["original_name"], content_type="image/png", size=1, width=3, height=2,
            fingerprint=sha256(name.encode()).hexdigest(), alt=one["alt"], focus_x=one["focus"][0], focus_y=one["focus"][1],
            uploaded_by_id=by.id if by else None, created_at=one["created_at"],
        )  # fmt: skip
    tags = {
        one["name"]: Tag(name=one["name"], key=tag_key(one["name"]), slug=one["slug"], description=one["description"])
        for one in blog["tags"]
    }
    db.add_all([*files.values(), *tags.values()])
    await db.flush()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for one in blog["people"]:
        if one["picture"] is not None:
            people[one["username"]].picture_id = files[one["picture"]].id
        if one["alias"]:
            db.add(Redirect(path=one["alias"], user_id=people[one["username"]].id, created_at=now))
    for one in blog["tags"]:
        if one["alias"]:
            db.add(Redirect(path=one["alias"], tag_id=tags[one["name"]].id, created_at=now))
    db.add_all(TagAlias(key=key, tag_id=next(iter(tags.values())).id) for key in blog["former"])
    db.add_all(Redirect(created_at=now, hits=7, **one) for one in blog["redirects"])
    for one in blog["posts"]:
        await _post(db, one, people, tags, files)
    row = await site.current(db)
    for name, value in blog["site"].items():
        setattr(row, name, value)
    for place in ("logo", "icon"):
        setattr(row, place, files[blog[place]] if blog[place] is not None else None)


def _person(one: dict[str, Any]) -> User:
    facts = {name: value for name, value in one.items() if name not in {"picture", "alias", "email"}}
    user = User(**facts)
    if one["email"]:
        user.email, user.email_key = one["email"], email_key(one["email"])
    return user


async def _post(
    db: AsyncSession, one: dict[str, Any], people: dict[str, User], tags: dict[str, Tag], files: dict[int, Media]
) -> None:
    words, byline = one["words"], [people[name] for name in one["byline"]]
    plain = {name: words[name] for name in ("title", "excerpt", "body", "description", "canonical_url", "cover_alt")}
    rendered = await render_off_loop(words["body"])
    post = Post(
        **plain, slug=one["slug"], kind=one["kind"], owner=byline[0], owner_id=byline[0].id, html=str(rendered.html), contents=[],
        visibility=words["visibility"], language=words["language"] or None, source=one["source"],
        source_hash="0" * 64 if one["source"] else None, is_featured=one["is_featured"], created_at=one["created_at"],
        updated_at=one["updated_at"], saved_at=one["saved_at"] or one["updated_at"], status=one["status"],
        cover=files[words["cover"]] if words["cover"] is not None else None, published_at=one["published_at"],
        first_published_at=one["first_published_at"], expires_at=one["expires_at"], trashed_at=one["trashed_at"],
        tags=[tags[name] for name in words["tags"]], co_authors=[CoAuthor(user=user) for user in byline[1:]],
        revision_number=1, shown_revision=1,
    )  # fmt: skip
    db.add(post)
    await db.flush()
    db.add_all(Redirect(path=path, post_id=post.id, created_at=one["created_at"]) for path in one["aliases"])
    if one["unpublished"]:
        other, saver = one["unpublished"], people.get(one["saved_by"])
        text = {name: other[name] for name in ("title", "excerpt", "body", "description", "canonical_url", "cover_alt")}
        post.revision_number = 2
        post.revisions.add(
            Revision(
                **text, number=2, slug=one["slug"], language=other["language"], visibility=other["visibility"], tags=other["tags"],
                authors=[user.username for user in byline], saved_at=one["updated_at"],
                cover=f"/media/{file_name(other['cover'])}" if other["cover"] is not None else "",
                saved_by_id=saver.id if saver else None, saved_by_name="" if saver else one["gone"],
                also_by=[byline[0].id, "Somebody who left"] if one["gone"] else [],
            )
        )  # fmt: skip
    await db.flush()
