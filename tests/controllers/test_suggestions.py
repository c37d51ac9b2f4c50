"""What a writer may mean by the first letters typed: quickly, and only what is theirs to use."""

from typing import Any

from cast import SECRET
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import tag_key
from blog.models import Tag
from blog.queries.prefix import begins


async def tag_of(db: AsyncSession, slug: str) -> Tag:
    return (await db.scalars(select(Tag).where(Tag.slug == slug))).one()


async def suggested(browser: Any, kind: str, q: str) -> list[dict[str, str]]:
    answer = await browser.get("/studio/suggestions", params={"kind": kind, "q": q})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    items: list[dict[str, str]] = answer.json()["items"]
    assert len(items) <= 8
    return items


def values(items: list[dict[str, str]]) -> list[str]:
    return [item["value"] for item in items]


async def test_tags_are_suggested_by_their_beginnings_without_regard_to_case(browse: Any, db: AsyncSession) -> None:
    names = ["Éclair", "eclipse", "Machine learning", "100%", "a_b", "Straße", *(f"zoo {n}" for n in range(20))]
    await browse("anna").save(title="T", body="x", tags=", ".join(names))
    anna, ed = browse("anna"), browse("ed")
    for q, expected in [
        ("PY", ["Python"]), ("éc", ["Éclair"]), ("e\u0301c", ["Éclair"]), ("ec", ["eclipse"]), ("learn", ["Machine learning"]),
        ("100%", ["100%"]), ("%", []), ("a_", ["a_b"]), ("STRASSE", ["Straße"]), ("nothing", []),
    ]:  # fmt: skip
        assert values(await suggested(anna, "tag", q)) == expected, q
    assert len(await suggested(anna, "tag", "zoo")) == 8
    assert len(await suggested(anna, "tag", "")) == 8
    python = await tag_of(db, "python")
    assert await suggested(anna, "tag", "pyt") == [
        {"value": "Python", "label": "Python", "address": "/studio/posts?tag=python"}
    ]
    assert (await suggested(ed, "tag", "pyt"))[0]["address"] == f"/studio/tags/{python.id}"


async def test_nobody_is_told_of_what_is_not_theirs_to_use(browse: Any, db: AsyncSession) -> None:
    assert values(await suggested(browse("anna"), "tag", SECRET)) == [f"{SECRET} only"]
    assert values(await suggested(browse("ed"), "tag", SECRET)) == [f"{SECRET} only"]
    await browse("ed").save(title="Eds own", body="x", tags=f"{SECRET} of ed")
    assert values(await suggested(browse("anna"), "tag", f"{SECRET} o")) == [f"{SECRET} only"]
    assert len(await suggested(browse("ed"), "tag", f"{SECRET} o")) == 2
    assert values(await suggested(browse("ben"), "post", "Carl")) == []
    assert [item["label"] for item in await suggested(browse("ben"), "post", "together written")] == [
        "Written together"
    ]
    assert [item["label"] for item in await suggested(browse("ed"), "post", "carl print")] == ["Carl in print"]
    about = await suggested(browse("ed"), "post", "about")
    assert values(about)[0] == "/about"
    assert values(await suggested(browse("anna"), "post", "about")) == []
    assert (await browse("vera").get("/studio/suggestions?kind=tag&q=p")).status_code == 403
    assert (await browse("ed").get("/studio/suggestions?kind=secrets&q=p")).status_code == 404


async def test_people_and_posts_are_suggested_too(browse: Any) -> None:
    anna = browse("anna")
    assert await suggested(anna, "author", "BYL") == [
        {"value": "ben", "label": "Ben Byline", "address": "/studio/posts?author=ben"}
    ]
    assert values(await suggested(anna, "author", "vera")) == [], "a viewer does not write"
    assert values(await suggested(anna, "author", "sam")) == [], "nor does somebody who is suspended"
    assert values(await suggested(anna, "post", "hel")) == ["/posts/hello"]
    assert values(await suggested(anna, "post", "🦓")) == []
    assert values(await suggested(anna, "post", "")) != []


@given(name=st.text(min_size=1, max_size=20), letters=st.integers(1, 20))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_beginning_of_a_key_finds_it(db: AsyncSession, name: str, letters: int) -> None:
    key = tag_key(name.replace("\0", "").encode(errors="ignore").decode())
    prefix = key[:letters]
    if not prefix or await db.scalar(select(Tag.id).where(Tag.key == key)):
        return
    async with db.begin_nested() as point:
        db.add(Tag(name="x", key=f"{key}", slug="made-up"))
        await db.flush()
        assert "made-up" in set(await db.scalars(select(Tag.slug).where(begins(db, Tag.key, prefix))))
        others = await db.scalars(select(Tag.key).where(begins(db, Tag.key, prefix)))
        assert all(other.startswith(prefix) for other in others)
        await point.rollback()


async def test_beginnings_are_found_through_an_index(db: AsyncSession) -> None:
    query = select(Tag.id).where(begins(db, Tag.key, "py"))
    compiled = query.compile(db.get_bind(), compile_kwargs={"literal_binds": True})
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await db.execute(text(f"EXPLAIN {compiled}"))
    else:
        plan = await db.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
    assert "ix_tags_beginnings" in str(plan.all()) or "uq_tags_key" in str(plan.all())
