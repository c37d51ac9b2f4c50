"""The role table over every route there is: each one asked by everybody, and none outside the table.

`test_access.py` goes into the rows: whose post, whose file. Here it is about the doors. A new route fails the first
test until it is written down below who may use it.
"""

import re
from typing import Any

import httpx
import pytest
from browser import Browser
from cast import SECRET, TODAY
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import form_token, token_hash
from blog.models import Base, Post, Tag, Transfer, TransferKind, User
from blog.web.edge import Edge

TABLE: dict[str, str] = {
    "anyone": """
        GET / · GET /archive · GET /archive/{year}/{month} · GET /authors/{username} · GET /authors/{username}/{file}
        GET /posts/{slug} · GET /posts/{slug}/card.png · GET /tags · GET /tags/{slug} · GET /tags/{slug}/{file}
        GET /search · GET /feed.xml · GET /rss.xml · GET /feed.json · GET /sitemap.xml · GET /sitemap/{number}
        GET /robots.txt · GET /llms.txt · GET /favicon.ico · GET /apple-touch-icon.png · GET /media/{name}
        GET /static/{name} · GET /{slug} · GET /health/live · GET /health/ready · POST /appearance
        GET,POST /setup · GET,POST /login · POST /login/passkey · POST /login/passkey/challenge
        GET,POST /login/second-step · POST /login/second-step/challenge · GET,POST /register · GET /register/thanks
        GET,POST /register/{token} · GET,POST /password-reset · GET /password-reset/{token} · GET,POST /new-password
        GET,POST /invitations/{token} · GET,POST /unsubscribe/{token} · GET /shared/{token}
        POST /shared/{token}/approval · POST /shared/{token}/comments · GET /shared/{token}/media/{name}""",
    "signed in": """
        POST /logout · GET,POST /account · POST /account/password · POST /account/picture
        POST /account/picture/delete · GET,POST /account/mail · POST /account/mail/address
        GET,POST /account/mail/address/{token} · GET /account/sessions · POST /account/sessions/delete
        POST /account/sessions/{login_id}/delete · POST /account/proof · POST /account/proof/challenge
        GET /account/two-factor · POST /account/two-factor/notices · POST /account/two-factor/recovery-codes
        GET,POST /account/two-factor/app · POST /account/two-factor/app/confirmation
        POST /account/two-factor/app/delete · POST /account/two-factor/passkeys
        POST /account/two-factor/passkeys/challenge · GET /account/two-factor/passkeys/new
        GET,POST /account/two-factor/passkeys/{passkey_id} · POST /account/two-factor/passkeys/{passkey_id}/delete""",
    "writers": """
        GET /studio · GET /studio/calendar · GET,POST /studio/media · GET,POST /studio/media/{media_id}
        POST /studio/media/{media_id}/delete · POST /studio/media/{media_id}/file · POST /studio/media/{media_id}/focus
        GET /studio/news · POST /studio/news/read · POST /studio/news/{notice_id}/read · POST /studio/preview
        POST /studio/resumption · GET /studio/suggestions · GET,POST /studio/posts · POST /studio/posts/autosave
        GET,POST /studio/posts/bulk · POST /studio/posts/bulk/{change_id}/undo · POST /studio/posts/cover
        POST /studio/posts/cover/choice · POST /studio/posts/cover/file · GET /studio/posts/new
        GET,POST /studio/posts/{post_id} · POST /studio/posts/{post_id}/autosave
        POST /studio/posts/{post_id}/comments · POST /studio/posts/{post_id}/comments/{comment_id}/resolution
        POST /studio/posts/{post_id}/comments/{comment_id}/resolution/delete · GET,POST /studio/posts/{post_id}/conflict
        POST /studio/posts/{post_id}/cover · POST /studio/posts/{post_id}/cover/choice
        POST /studio/posts/{post_id}/cover/file · POST /studio/posts/{post_id}/delete
        POST /studio/posts/{post_id}/feature · POST /studio/posts/{post_id}/feature/delete
        POST /studio/posts/{post_id}/owner · POST /studio/posts/{post_id}/presence
        GET,POST /studio/posts/{post_id}/publication · GET /studio/posts/{post_id}/publication/card.png
        POST /studio/posts/{post_id}/publication/delete · GET,POST /studio/posts/{post_id}/review
        POST /studio/posts/{post_id}/review/delete · GET /studio/posts/{post_id}/revisions
        GET /studio/posts/{post_id}/revisions/{number} · POST /studio/posts/{post_id}/revisions/{number}/restoration
        POST /studio/posts/{post_id}/shares · POST /studio/posts/{post_id}/shares/{share_id}/delete
        POST /studio/posts/{post_id}/trash · POST /studio/posts/{post_id}/trash/delete
        POST /studio/posts/{post_id}/working-copy/delete · POST /studio/posts/{post_id}/working-copy/publication""",
    "editors": """
        GET,POST /studio/pages · POST /studio/pages/autosave · GET /studio/pages/new · GET /studio/reviews
        GET /studio/tags · GET,POST /studio/tags/merger · GET,POST /studio/tags/{tag_id}
        POST /studio/tags/{tag_id}/delete""",
    "admins": """
        GET /admin · GET /admin/events · GET,POST /admin/events/check · GET /admin/events/export.csv · GET,POST /admin/invitations
        POST /admin/invitations/{invitation_id}/again · POST /admin/invitations/{invitation_id}/delete
        GET /admin/mail · POST /admin/mail/test · POST /admin/mail/try · POST /admin/mail/{mail_id}/delete
        GET /admin/permissions · GET,POST /admin/redirects · GET,POST /admin/redirects/import
        GET,POST /admin/redirects/{redirect_id} · POST /admin/redirects/{redirect_id}/delete
        GET /admin/registrations · POST /admin/registrations/{registration_id}/admission
        POST /admin/registrations/{registration_id}/delete · GET,POST /admin/site
        POST /admin/site/first-steps/delete · POST /admin/site/icon · POST /admin/site/icon/delete
        POST /admin/site/logo · POST /admin/site/logo/delete · GET,POST /admin/transfers
        POST /admin/transfers/exports · GET /admin/transfers/{transfer_id}
        POST /admin/transfers/{transfer_id}/cancel · GET /admin/transfers/{transfer_id}/file
        POST /admin/transfers/{transfer_id}/import · GET /admin/users · GET /admin/users/{user_id}
        GET /admin/users/{user_id}/access · POST /admin/users/{user_id}/access/email
        POST /admin/users/{user_id}/access/password-reset · GET,POST /admin/users/{user_id}/deletion
        POST /admin/users/{user_id}/role · POST /admin/users/{user_id}/sessions/delete
        POST /admin/users/{user_id}/suspension · POST /admin/users/{user_id}/suspension/delete
        POST /admin/users/{user_id}/two-factor/delete""",
}
MAY = {
    None: {"anyone"},
    "sam": {"anyone"},
    "vera": {"anyone", "signed in"},
    "carl": {"anyone", "signed in", "writers"},
    "anna": {"anyone", "signed in", "writers"},
    "ed": {"anyone", "signed in", "writers", "editors"},
    "ada": set(TABLE),
}
"""Sam is suspended, and a suspended person’s cookie is nobody’s."""

Route = tuple[str, str]


def table() -> dict[Route, str]:
    """Read who may use each method of each path."""
    found: dict[Route, str] = {}
    for who, words in TABLE.items():
        for methods, path in re.findall(r"([A-Z,]+) (/\S*)", words):
            for method in methods.split(","):
                assert (method, path) not in found, path
                found[method, path] = who
    return found


def routes(app: Edge) -> set[Route]:
    return {
        (method, route.path_format)
        for route in app.app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods - {"OPTIONS"}
    }


async def everything(db: AsyncSession) -> list[Any]:
    """Read all rows there are, but for the counts of tries."""
    db.expire_all()
    tables = [one for one in Base.metadata.tables.values() if one.name not in {"attempts", "arrivals", "challenges"}]
    return [sorted(map(str, (await db.execute(one.select())).all())) for one in tables]


@pytest.fixture
async def places(db: AsyncSession) -> dict[str, str]:
    """What stands in the paths: rows that are there."""
    slug, moved = f"{SECRET}-draft", Transfer(kind=TransferKind.ARCHIVE, told={}, created_at=TODAY)
    db.add(moved)
    await db.commit()
    return {
        "slug": "hello",
        "username": "anna",
        "year": "2026",
        "month": "11",
        "token": "x" * 43,
        "post_id": str(await db.scalar(select(Post.id).where(Post.slug == slug))),
        "transfer_id": str(moved.id),
        "user_id": str(await db.scalar(select(User.id).where(User.username == "ben"))),
        "tag_id": str(await db.scalar(select(Tag.id).where(Tag.slug == "python"))),
    }


def filled(path: str, places: dict[str, str], number: str = "1") -> str:
    return re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], number), path)


async def test_the_table_holds_every_route_and_no_other(app: Edge) -> None:
    assert routes(app) - table().keys() == set(), "write into TABLE who may use these"
    assert table().keys() - routes(app) == set(), "these are gone: take them out of TABLE"


@pytest.mark.parametrize("who", [who for who in MAY if who != "ada"])
async def test_whom_the_table_does_not_let_in_is_refused_and_changes_nothing(
    browse: Any, db: AsyncSession, places: dict[str, str], who: str | None
) -> None:
    browser, before = browse(who), await everything(db)
    for (method, path), group in table().items():
        if group in MAY[who]:
            continue
        path = filled(path, places)
        answer = await (browser.get(path) if method == "GET" else browser.post(path, {"role": "admin", "title": "New"}))
        if who in {None, "sam"}:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/login"), (method, path)
        else:
            assert answer.status_code == 403, (method, path)
            assert "Your role does not allow it" in answer.text, (method, path)
    assert await everything(db) == before


@pytest.mark.parametrize("who", list(MAY))
async def test_whom_the_table_lets_in_finds_the_door_open(browse: Any, places: dict[str, str], who: str | None) -> None:
    for (method, path), group in sorted(table().items()):
        if group not in MAY[who] or method != "GET":
            continue
        answer = await browse(who).get(filled(path, places))
        assert answer.status_code < 500, path
        assert "Your role does not allow it" not in answer.text, path
        assert group == "anyone" or not answer.headers.get("location", "").startswith("/login"), path


HUGE = ["9223372036854775808", "9" * 1500, "0", "-1", "x%00", "%ED%A0%80", "1%0d%0ax:y"]


@pytest.mark.parametrize("number", HUGE)
async def test_no_number_in_a_path_breaks_anything(browse: Any, places: dict[str, str], number: str) -> None:
    ada = browse("ada")
    for method, path in table():
        for name in re.findall(r"\{(\w+_id|number|year|month|token)\}", path):
            asked = filled(path.replace(f"{{{name}}}", number), places)
            answer = await (ada.get(asked) if method == "GET" else ada.post(asked))
            assert answer.status_code in {303, 404, 410, 422}, (method, asked[:100])
            assert "x" not in answer.headers


NASTY = {
    "a NUL": b"a%00b",
    "half a character": b"a%ED%A0%80b",
    "broken UTF-8": b"%C0%AE%ff%fe",
    "a line end": b"a%0d%0aset-cookie:%20evil=1%0d%0a%0d%0a",
    "much": b"x" * 10_000,
    "a large number": b"9" * 40,
    "markup": b"%22%3E%3Cscript%3Ealert(1)%3C/script%3E%7B%7B7*7%7D%7D",
    "a formula": b"=cmd|'/C calc'!A0",
    "a path": b"..%2f..%2f..%2fetc/passwd",
}
FIELDS = """
    title body slug excerpt tags authors language visibility cover cover_alt canonical_url description published_at
    expires_at version note text name username bio links timezone email password current_password code recovery_code
    passkey role heir path target tagline accent posts_per_page footer registration new_visibility label_1 address_1
    place_1 second_factor days ids then next back theme token q status author page writer knows paragraph answer_to
    alt caption focus into user_id at kind file begin noted
"""
ASKED = """
    q page tag author status role kind sort month year before after person action subject number since until next
    done token paragraph with posts ids
"""
SHIFTS = (0, 1, 2)
"""With each shift every field gets another of the texts."""


def typed(fields: str, shift: int, longest: int) -> bytes:
    texts = [text[:longest] for text in NASTY.values()]
    return b"&".join(
        name.encode() + b"=" + texts[(place + shift * 3) % len(texts)] for place, name in enumerate(fields.split())
    )


@pytest.mark.parametrize("shift", SHIFTS)
async def test_no_text_in_a_form_breaks_anything(browse: Any, app: Edge, places: dict[str, str], shift: int) -> None:
    ada: Browser = browse("ada")
    kind = {"content-type": "application/x-www-form-urlencoded", "origin": app.house.settings.base_url}
    for method, path in sorted(table()):
        if method == "GET" or path == "/logout":
            continue
        token = form_token(app.house.settings.secret_key, token_hash(ada.cookie)) if ada.cookie else ""
        body = b"csrf_token=" + token.encode() + b"&" + typed(FIELDS, shift, 10_000)
        answer = await ada.client.post(filled(path, places), content=body, headers=kind)
        assert answer.status_code < 500, (path, answer.status_code)
        assert "evil" not in answer.headers.get("set-cookie", ""), path
        assert "<script>alert" not in answer.text, path


@pytest.mark.parametrize("shift", SHIFTS)
async def test_no_text_in_a_query_breaks_anything(browse: Any, places: dict[str, str], shift: int) -> None:
    ada, query = browse("ada"), typed(ASKED, shift, 1000).decode()
    for method, path in sorted(table()):
        if method == "GET":
            answer = await ada.get(f"{filled(path, places)}?{query}")
            assert answer.status_code < 500, (path, answer.status_code)
            assert "<script>alert" not in answer.text, path


async def test_every_path_knows_its_methods_and_answers_head_like_get(browse: Any, places: dict[str, str]) -> None:
    client: httpx.AsyncClient = browse().client
    methods: dict[str, set[str]] = {}
    for method, path in table():
        methods.setdefault(path, set()).add(method)
    ours = {"origin": "http://127.0.0.1:8000"}
    for path, known in methods.items():
        asked = filled(path, places)
        allowed = sorted(known | ({"HEAD"} if "GET" in known else set()))
        for method in ("OPTIONS", "TRACE", "CONNECT", "PUT", "PATCH", "DELETE", *({"GET", "POST"} - known)):
            answer = await client.request(method, asked, headers=ours)
            assert answer.status_code == (501 if method in {"TRACE", "CONNECT"} else 405), (method, asked)
            if answer.status_code == 405:
                assert answer.headers["allow"] == ", ".join(allowed), (method, asked)
            assert answer.headers["content-security-policy"].startswith("default-src 'none'"), (method, asked)
        if "GET" in known:
            page, head = await client.get(asked), await client.head(asked)
            assert (head.status_code, head.content) == (page.status_code, b""), asked
            for name in ("content-type", "location", "cache-control", "content-security-policy", "etag"):
                assert head.headers.get(name) == page.headers.get(name), (asked, name)
