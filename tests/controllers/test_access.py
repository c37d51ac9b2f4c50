"""The role table of the design, walked over HTTP: every unsafe address, posted to directly by everybody."""

import re
from typing import Any

import pytest
from cast import DAY, SECRET, Clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Comment, Post, Share, User
from blog.web.edge import Edge

WHO = [None, "vera", "carl", "anna", "ben", "ed", "ada", "sam"]
IN, NO, HIDDEN = 303, 403, 404
# The post, then what vera, carl, anna, ben, ed and ada get for: edit, publish, trash, transfer, review, share.
POSTS: dict[str, dict[str, tuple[int, ...]]] = {
    f"{SECRET}-draft": {
        "": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/publication": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/review": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/review/delete": (NO, HIDDEN, NO, HIDDEN, NO, NO),
        "/trash": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/owner": (NO, HIDDEN, NO, HIDDEN, IN, IN),
        "/feature": (NO, HIDDEN, NO, HIDDEN, IN, IN),
    },
    f"{SECRET}-shared": {
        "": (NO, IN, IN, IN, IN, IN),
        "/publication": (NO, NO, IN, IN, IN, IN),
        "/trash": (NO, NO, IN, NO, IN, IN),
        "/owner": (NO, NO, NO, NO, IN, IN),
        "/feature": (NO, NO, NO, NO, IN, IN),
    },
    f"{SECRET}-carls": {
        "": (NO, IN, HIDDEN, HIDDEN, IN, IN),
        "/publication": (NO, NO, HIDDEN, HIDDEN, IN, IN),
        "/review": (NO, IN, HIDDEN, HIDDEN, IN, IN),
        "/trash": (NO, IN, HIDDEN, HIDDEN, IN, IN),
        "/owner": (NO, NO, HIDDEN, HIDDEN, IN, IN),
    },
    f"{SECRET}-pending": {
        "/review": (NO, NO, HIDDEN, HIDDEN, NO, NO),
        "/review/delete": (NO, NO, HIDDEN, HIDDEN, IN, IN),
        "/publication": (NO, NO, HIDDEN, HIDDEN, IN, IN),
    },
    "carl-in-print": {
        "": (NO, NO, HIDDEN, HIDDEN, IN, IN),
        "/publication": (NO, NO, HIDDEN, HIDDEN, IN, IN),
        "/publication/delete": (NO, NO, HIDDEN, HIDDEN, IN, IN),
        "/trash": (NO, NO, HIDDEN, HIDDEN, IN, IN),
    },
    "together": {
        "": (NO, HIDDEN, IN, IN, IN, IN),
        "/publication/delete": (NO, HIDDEN, IN, IN, IN, IN),
        "/trash": (NO, HIDDEN, IN, NO, IN, IN),
        "/owner": (NO, HIDDEN, NO, NO, IN, IN),
    },
    f"{SECRET}-trashed": {
        "/trash/delete": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/delete": (NO, HIDDEN, IN, HIDDEN, IN, IN),
    },
}
CELLS = [
    (slug, step, who, status)
    for slug, steps in POSTS.items()
    for step, statuses in steps.items()
    for who, status in zip(WHO[1:7], statuses, strict=True)
]


@pytest.mark.parametrize(("slug", "step", "who", "status"), CELLS)
async def test_each_cell_of_the_role_table(
    browse: Any, db: AsyncSession, slug: str, step: str, who: str, status: int
) -> None:
    post = (await db.scalars(select(Post).where(Post.slug == slug))).one()
    post_id, version = post.id, post.version
    fields = {"title": "Changed", "body": "b", "slug": slug, "version": post.revision_number, "username": "ed"}
    fields |= {"published_at": "2026-11-01T10:00", "note": "Not yet."}
    answer = await browse(who).post(f"/studio/posts/{post_id}{step}", fields)
    assert answer.status_code == status
    db.expire_all()
    after = await db.scalar(select(Post.version).where(Post.id == post_id))
    assert (after == version) == (status != IN)


# What is said beside a post: the post, then what each gets for reading comments, commenting, making a link,
# resolving a comment and opening it again, revoking a link.
OK = 200
BESIDE: dict[str, dict[str, tuple[int, ...]]] = {
    f"{SECRET}-draft": {
        "GET /review": (NO, HIDDEN, OK, HIDDEN, OK, OK),
        "/comments": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/comments/{comment}/resolution": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/comments/{comment}/resolution/delete": (NO, HIDDEN, IN, HIDDEN, IN, IN),
        "/shares": (NO, HIDDEN, OK, HIDDEN, OK, OK),
        "/shares/{share}/delete": (NO, HIDDEN, IN, HIDDEN, IN, IN),
    },
    f"{SECRET}-shared": {
        "GET /review": (NO, OK, OK, OK, OK, OK),
        "/comments": (NO, IN, IN, IN, IN, IN),
        "/comments/{comment}/resolution": (NO, IN, IN, IN, IN, IN),
        "/shares": (NO, OK, OK, OK, OK, OK),
        "/shares/{share}/delete": (NO, IN, IN, IN, IN, IN),
    },
    f"{SECRET}-pending": {
        "GET /review": (NO, OK, HIDDEN, HIDDEN, OK, OK),
        "/comments": (NO, IN, HIDDEN, HIDDEN, IN, IN),
        "/shares": (NO, OK, HIDDEN, HIDDEN, OK, OK),
    },
    "carl-in-print": {
        "GET /review": (NO, OK, HIDDEN, HIDDEN, OK, OK),
        "/comments": (NO, IN, HIDDEN, HIDDEN, IN, IN),
        "/shares": (NO, NO, HIDDEN, HIDDEN, OK, OK),
        "/shares/{share}/delete": (NO, IN, HIDDEN, HIDDEN, IN, IN),
    },
    f"{SECRET}-trashed": {
        "GET /review": (NO, HIDDEN, OK, HIDDEN, OK, OK),
        "/comments": (NO, HIDDEN, NO, HIDDEN, NO, NO),
        "/comments/{comment}/resolution": (NO, HIDDEN, NO, HIDDEN, NO, NO),
        "/shares": (NO, HIDDEN, NO, HIDDEN, NO, NO),
        "/shares/{share}/delete": (NO, HIDDEN, IN, HIDDEN, IN, IN),
    },
    f"{SECRET}-page": {
        "GET /review": (NO, HIDDEN, HIDDEN, HIDDEN, OK, OK),
        "/comments": (NO, HIDDEN, HIDDEN, HIDDEN, IN, IN),
        "/shares": (NO, HIDDEN, HIDDEN, HIDDEN, OK, OK),
    },
}


async def said_and_shared(db: AsyncSession) -> list[object]:
    db.expire_all()
    comments = select(Comment.id, Comment.resolved_at).order_by(Comment.id)
    shares = select(Share.id, Share.revoked_at).order_by(Share.id)
    return [*(await db.execute(comments)).all(), *(await db.execute(shares)).all()]


@pytest.mark.parametrize("slug", BESIDE)
@pytest.mark.parametrize("who", WHO[1:7])
async def test_who_may_comment_and_share(browse: Any, db: AsyncSession, clock: Clock, slug: str, who: str) -> None:
    post_id = (await db.scalars(select(Post.id).where(Post.slug == slug))).one()
    comment = Comment(post_id=post_id, text=f"{SECRET} said", created_at=clock())
    share = Share(
        post_id=post_id, token_hash="0" * 64, revision_number=1, title="t", html="", text_hash="", files=[],
        created_at=clock(), expires_at=clock() + DAY,
    )  # fmt: skip
    db.add_all([comment, share])
    await db.commit()
    comment_id, share_id = comment.id, share.id
    for step, statuses in BESIDE[slug].items():
        expected = dict(zip(WHO[1:7], statuses, strict=True))[who]
        before = await said_and_shared(db)
        path = f"/studio/posts/{post_id}{step.removeprefix('GET ')}".format(comment=comment_id, share=share_id)
        if step.startswith("GET "):
            answer = await browse(who).get(path)
            assert (f"{SECRET} said" in answer.text) == (expected == OK), step
        else:
            answer = await browse(who).post(path, {"text": "Said", "days": "7"})
            assert (await said_and_shared(db) == before) == (expected not in {IN, OK}), step
        assert answer.status_code == expected, step


async def test_the_queue_is_for_editors_and_the_news_for_who_writes(browse: Any) -> None:
    for who in WHO:
        gone = {None: 303, "sam": 303}
        assert (await browse(who).get("/studio/reviews")).status_code == {"ed": 200, "ada": 200, **gone}.get(who, 403)
        assert (await browse(who).get("/studio/news")).status_code == {"vera": 403, **gone}.get(who, 200)


def unsafe_paths(app: Edge) -> list[str]:
    """List every path of the application that takes forms, but those that make somebody known."""
    forms = (route.path_format for route in app.app.routes if set(route.methods) & {"POST", "PUT", "PATCH", "DELETE"})
    paths = sorted(re.sub(r"\{[^}]*\}", "1", path) for path in forms)
    return [path for path in paths if path not in {"/login", "/setup"} and not path.startswith("/register")]


OPEN = {"/appearance", "/password-reset", "/new-password", "/login/passkey/challenge"}
BEHIND_LINKS = ("/shared/", "/invitations/", "/unsubscribe/")
"""Who has a secret link needs no account; test_shared_drafts.py and tests/mail tell what each opens."""


@pytest.mark.parametrize("who", [None, "sam"])
async def test_who_is_not_signed_in_is_sent_to_sign_in_whatever_they_send(
    app: Edge, browse: Any, who: str | None
) -> None:
    paths = unsafe_paths(app)
    assert len(paths) > 20
    for path in {path for path in paths if path not in OPEN and not path.startswith(BEHIND_LINKS)}:
        answer = await browse(who).post(path)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/login"), path


async def test_no_form_is_accepted_without_the_token_of_this_sign_in(app: Edge, browse: Any) -> None:
    for path in unsafe_paths(app):
        for token in ("", "0" * 64, "é", "x" * 10_000):
            assert (await browse("ada").post(path, {"csrf_token": token})).status_code == 403, path


async def test_viewers_have_no_desk_and_only_admins_the_admin_pages(app: Edge, browse: Any) -> None:
    for path in unsafe_paths(app):
        if path.startswith(("/studio", "/admin")):
            assert (await browse("vera").post(path)).status_code in {403, 404}, path
        if path.startswith(("/studio/pages", "/studio/tags")):
            assert (await browse("anna").post(path)).status_code == 403, path
        if path.startswith("/admin"):
            assert (await browse("ed").post(path)).status_code == 403, path


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/users",
        "/admin/site",
        "/admin/permissions",
        "/admin/events",
        "/admin/events/export.csv",
        "/admin/transfers",
    ],
)
async def test_the_admin_pages_are_for_admins(browse: Any, path: str) -> None:
    for who in WHO:
        expected = {None: 303, "sam": 303, "ada": 200}.get(who, 403)
        status = (await browse(who).get(path)).status_code
        assert status in ({200, 303} if who == "ada" and path == "/admin" else {expected}), who


async def test_the_routes_cannot_start_without_a_policy(app: Any) -> None:
    from litestar import Litestar, get
    from litestar.exceptions import ImproperlyConfiguredException

    from blog.web.guards import insist_on_policy

    @get("/open", sync_to_thread=False)
    def forgotten() -> None: ...

    with pytest.raises(ImproperlyConfiguredException):
        insist_on_policy(Litestar([forgotten], openapi_config=None, logging_config=None))
    insist_on_policy(app.app)


async def test_an_admin_changes_roles_but_never_their_own_nor_the_last_one(browse: Any, db: AsyncSession) -> None:
    ada, ed = browse("ada"), browse("ed")
    people = {user.username: user.id for user in await db.scalars(select(User))}
    assert (await ada.post(f"/admin/users/{people['ada']}/role", {"role": "viewer"})).status_code == 409
    db.expire_all()
    assert await db.scalar(select(User.role).where(User.username == "ada")) == "admin"
    assert (await ed.get("/studio/posts")).status_code == 200
    await ada.post(f"/admin/users/{people['ed']}/role", {"role": "viewer"})
    assert (await ed.get("/studio/posts")).status_code == 303, "a demoted person’s sign-ins end at once"
    await ada.post(f"/admin/users/{people['anna']}/suspension")
    assert (await browse("anna").get("/studio/posts")).status_code == 303
    assert (await ada.post(f"/admin/users/{people['ed']}/role", {"role": "king"})).status_code == 422
