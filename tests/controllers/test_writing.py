"""Authors and editors write: save, publish, schedule, withdraw, trash, share, and never lose a word."""

from typing import Any

import pytest
from cast import DAY, SECRET, Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from blog.models import Event, Post, Redirect, Revision, Status, Tag


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def revisions_of(db: AsyncSession, post_id: int) -> int:
    return await db.scalar(select(func.count()).where(Revision.post_id == post_id)) or 0


async def test_an_author_writes_publishes_and_finds_the_post_on_the_feed(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    answer = await anna.save(
        title="A walk in the woods", body="Under *tall* trees.", tags="Nature, python", then="publish"
    )
    assert answer.status_code == 303, answer.text
    assert "Published. Readers can see it now." in (await anna.get(answer.headers["location"])).text
    assert "A walk in the woods" in (await browse().get("/")).text
    page = (await browse().get("/posts/a-walk-in-the-woods")).text
    assert "<em>tall</em>" in page
    assert "Nature" in page


async def test_tags_are_one_whatever_the_case(browse: Any, db: AsyncSession) -> None:
    await browse("anna").save(title="One", tags="PYTHON, C++, c#")
    await browse("ben").save(title="Two", tags="python, C++")
    assert await db.scalar(select(func.count()).where(Tag.key == "python")) == 1
    slugs = set(await db.scalars(select(Tag.slug).where(Tag.key.in_(["c++", "c#"]))))
    assert slugs == {"c", "c-2"}


async def test_a_much_used_address_gets_its_next_number(browse: Any, db: AsyncSession, clock: Clock) -> None:
    old = [f"/posts/hello-{number}" for number in range(2, 31) if number != 27]
    db.add_all(Redirect(path=path, target="/", code=301, created_at=clock()) for path in old)
    await db.commit()
    anna = browse("anna")
    for expected in ("hello-27", "hello-31"):
        await anna.save(title="Hello", body="Once more.")
        assert await db.scalar(select(Post.slug).order_by(Post.id.desc()).limit(1)) == expected


async def test_each_save_keeps_a_revision(browse: Any, db: AsyncSession) -> None:
    post_id = await id_of(db, "hello")
    before = await revisions_of(db, post_id)
    await browse("anna").save(post_id, title="Hello again", body="Second words", slug="hello")
    assert await revisions_of(db, post_id) == before + 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Give the post a title."),
        ("title", "x" * 300, "At most 250 characters fit here; this has 300."),
        ("slug", "no spaces/please", "An address has letters"),
        ("slug", "together", "Another post has this address."),
        ("authors", "nobody-here", "Nobody writes here under the name nobody-here."),
        ("authors", "vera", "Nobody writes here under the name vera."),
        ("tags", "x" * 61, "is too long"),
        ("body", "bell \x07 rings", "control characters"),
        ("visibility", "everybody", "Choose one of"),
    ],
)
async def test_a_form_that_is_refused_says_why_and_keeps_what_was_typed(
    browse: Any, db: AsyncSession, field: str, value: str, sentence: str
) -> None:
    before = await db.scalar(select(func.count(Post.id)))
    answer = await browse("anna").save(**({"title": "Kept title", "body": "Kept words"} | {field: value}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ("Kept words" if field != "body" else "Kept title") in answer.text
    assert await db.scalar(select(func.count(Post.id))) == before


@pytest.mark.parametrize("title", ["🦓🦓", "שלום עולם", "日本語の題", "<script>alert(1)</script>", "a" * 250])
async def test_titles_of_every_script_can_be_published(browse: Any, title: str) -> None:
    answer = await browse("anna").save(title=title, body="words", then="publish")
    assert answer.status_code == 303
    assert "<script>" not in (await browse().get("/")).text


async def test_each_button_of_the_editor_saves_what_was_typed_first(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    refused = await anna.save(post_id, title="T", body="Kept words.", then="publish", published_at="2026-02-30T10:00")
    assert refused.status_code == 422
    assert "Kept words." in refused.text
    assert 'value="2026-02-30T10:00"' in refused.text
    assert 'id="published_at-error"' in refused.text
    await anna.save(
        post_id, title="Later", body="First.", slug="later", then="publish", published_at="2027-01-01T10:00"
    )
    assert (await browse().get("/posts/later")).status_code == 404
    await anna.save(post_id, title="Now", body="Second.", slug="later", then="publish", published_at="")
    assert "Second." in (await browse().get("/posts/later")).text
    await anna.save(post_id, title="Now", body="Third.", slug="later", then="withdraw")
    assert (await browse().get("/posts/later")).status_code == 404
    assert "Third." in (await anna.get(f"/studio/posts/{post_id}")).text
    carl, carls = browse("carl"), await id_of(db, f"{SECRET}-carls")
    assert (await carl.save(carls, title="T", body="For review.", then="publish")).status_code == 403
    assert (await carl.save(carls, title="T", body="For review.", then="submit")).status_code == 303
    db.expire_all()
    assert (await db.get_one(Post, carls)).status == Status.PENDING
    assert "For review." in (await browse("ed").get(f"/studio/posts/{carls}")).text


async def test_a_changed_address_redirects_in_one_hop_however_often_it_changes(browse: Any, db: AsyncSession) -> None:
    post_id, anna = await id_of(db, "hello"), browse("anna")
    for slug in ("second", "third", "fourth"):
        assert (await anna.save(post_id, title="Hello, world", body="b", slug=slug)).status_code == 303
    for old in ("hello", "second", "third"):
        answer = await browse().get(f"/posts/{old}")
        assert (answer.status_code, answer.headers["location"]) == (301, "/posts/fourth")
        answer = await browse().get(f"/posts/{old}/?from=mail")
        assert (answer.status_code, answer.headers["location"]) == (301, "/posts/fourth?from=mail")
    back = await anna.save(post_id, title="Hello, world", body="b", slug="hello")
    assert back.status_code == 303
    assert (await browse().get("/posts/hello")).status_code == 200
    assert (await browse().get("/posts/fourth")).headers["location"] == "/posts/hello"


async def test_a_post_is_scheduled_withdrawn_trashed_brought_back_and_deleted(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    post_id, anna = await id_of(db, "hello"), browse("anna")
    at = f"{clock() + DAY:%Y-%m-%dT%H:%M}"
    steps: list[tuple[str, dict[str, str], int, int]] = [
        ("publication/delete", {}, 303, 404),
        ("publication", {"published_at": at}, 303, 404),
        ("publication", {"published_at": ""}, 303, 404),
        ("publication/delete", {}, 303, 404),
        ("publication", {}, 303, 200),
        ("trash", {}, 303, 410),
        ("trash", {}, 409, 410),
        ("trash/delete", {}, 303, 404),
        ("trash/delete", {}, 409, 404),
        ("delete", {}, 409, 404),
        ("trash", {}, 303, 410),
        ("delete", {}, 303, 410),
        ("delete", {}, 404, 410),
    ]
    for step, fields, status, public in steps:
        answer = await anna.post(f"/studio/posts/{post_id}/{step}", fields)
        if step == "publication" and fields.get("published_at") == "":
            continue
        assert (step, answer.status_code) == (step, status), answer.text[:600]
        assert (step, (await browse().get("/posts/hello")).status_code) == (step, public)


async def test_a_date_that_does_not_exist_is_refused(browse: Any, db: AsyncSession) -> None:
    post_id = await id_of(db, f"{SECRET}-draft")
    answer = await browse("anna").post(f"/studio/posts/{post_id}/publication", {"published_at": "2026-02-30T10:00"})
    assert answer.status_code == 422
    assert "There is no such date" in answer.text


async def test_an_editor_gives_a_post_to_another_owner(browse: Any, db: AsyncSession) -> None:
    post_id = await id_of(db, "together")
    assert (await browse("ed").post(f"/studio/posts/{post_id}/owner", {"username": "ben"})).status_code == 303
    page = (await browse().get("/posts/together")).text
    assert page.index("Ben Byline") < page.index("Greta Guest")
    assert (await browse("ed").post(f"/studio/posts/{post_id}/owner", {"username": "vera"})).status_code == 422


async def test_the_preview_shows_the_text_and_saves_nothing(browse: Any, db: AsyncSession) -> None:
    before = await db.scalar(select(func.count(Post.id)))
    answer = await browse("anna").post("/studio/preview", {"title": "T", "body": "so **bold** <script>x</script>"})
    assert "<strong>bold</strong>" in answer.text
    assert "<script" not in answer.text
    assert await db.scalar(select(func.count(Post.id))) == before


async def test_the_preview_beside_the_text_comes_as_json(browse: Any) -> None:
    anna, accepts = browse("anna"), {"accept": "application/json"}
    shown = await anna.post("/studio/preview", {"body": "so **bold** <script>x</script>"}, headers=accepts)
    assert shown.headers["content-type"] == "application/json"
    assert shown.json() == {"html": "<p>so <strong>bold</strong> </p>\n", "words": 2, "minutes": 1}
    refused = await anna.post("/studio/preview", {"body": "> " * 200 + "deep"}, headers=accepts)
    assert refused.status_code == 422
    assert "nests" in refused.json()["message"]


async def test_a_text_that_explodes_is_refused_in_words(browse: Any) -> None:
    bomb = "[a]: /" + "x" * 10_000 + "\n\n" + "[a] " * 20_000
    answer = await browse("anna").save(title="Bomb", body=bomb)
    assert answer.status_code == 422
    assert "more than 2 MB of HTML" in answer.text


async def test_the_list_filters_by_status_title_author_and_tag(browse: Any) -> None:
    ed = browse("ed")
    for query, found, missing in [
        ("q=hello", "Hello, world", "Written together"),
        ("status=scheduled", f"{SECRET} scheduled", "Hello, world"),
        ("status=trashed", f"{SECRET} trashed", "Hello, world"),
        ("author=ben", "Written together", "Hello, world"),
        ("tag=cooking", "Hello, world", "Written together"),
        ("q=%25", "No post fits", "Hello, world"),
    ]:
        text = (await ed.get(f"/studio/posts?{query}")).text
        assert found in text, query
        assert missing not in text, query


async def test_every_deed_writes_its_event(browse: Any, db: AsyncSession) -> None:
    post_id, ed = await id_of(db, "hello"), browse("ed")
    for step in ("feature", "feature/delete", "publication/delete", "publication", "trash", "trash/delete"):
        before = await db.scalar(select(func.count(Event.id))) or 0
        await ed.post(f"/studio/posts/{post_id}/{step}")
        assert await db.scalar(select(func.count(Event.id))) == before + 1, step


async def test_revisions_hold_what_each_save_said(browse: Any, db: AsyncSession) -> None:
    post_id = await id_of(db, "hello")
    await browse("anna").save(post_id, title="New title", body="New words", slug="hello", tags="Fresh")
    last = (
        await db.scalars(select(Revision).where(Revision.post_id == post_id).order_by(Revision.number.desc()))
    ).first()
    assert last is not None
    assert (last.title, last.body, last.tags, last.authors) == ("New title", "New words", ["Fresh"], ["anna"])
    post = (await db.scalars(select(Post).where(Post.id == post_id).options(undefer(Post.body)))).one()
    assert post.body == "New words"


async def test_a_save_without_scripts_leads_back_to_the_text(browse: Any) -> None:
    anna = browse("anna")
    assert (
        '<noscript><input type="hidden" name="scriptless" value="1"></noscript>'
        in (await anna.get("/studio/posts/new")).text
    )
    path = (await anna.save(title="Reeds", body="Words.")).headers["location"]
    post_id = int(path.rsplit("/", 1)[1])
    for then, leads_to in (("", f"{path}#body"), ("review", f"{path}/publication"), ("publish", path)):
        saved = await anna.save(post_id, title="Reeds", body="Words.", scriptless="1", then=then)
        assert saved.headers["location"] == leads_to, then
    kept = await anna.save(post_id, title="Reeds", body="More words.", scriptless="1", then="keep")
    assert kept.headers["location"] == f"{path}#body"
