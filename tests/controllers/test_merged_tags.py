"""A tag that was renamed or merged does not come back from forms and working copies that still name it."""

import re
from html import unescape
from typing import Any

import pytest
from browser import Browser
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Post, Revision, Tag
from blog.models.post import post_tags


async def tag_of(db: AsyncSession, slug: str) -> Tag:
    return (await db.scalars(select(Tag).where(Tag.slug == slug))).one()


async def hello(db: AsyncSession) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == "hello"))).one()


async def tags_of(db: AsyncSession, post_id: int) -> set[str]:
    return set(await db.scalars(select(Tag.name).join(post_tags).where(post_tags.c.post_id == post_id)))


async def merge(ed: Browser, into: Tag, old: Tag) -> None:
    assert (await ed.post("/studio/tags/merger", {"tags": str(old.id), "into": str(into.id)})).status_code == 303


async def rename(ed: Browser, tag: Tag, name: str) -> None:
    assert (await ed.post(f"/studio/tags/{tag.id}", {"name": name, "slug": tag.slug})).status_code == 303


def form_of(page: str) -> dict[str, str]:
    """Read the editor's form as a browser does."""
    fields = re.findall(r'<textarea id="(title)"[^>]*>\n(.*?)</textarea>', page, re.S)
    fields += re.findall(r'<input[^>]*name="(version|knows|opened_slug|slug|tags)"[^>]*value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields}


@pytest.mark.parametrize("then", ["", "publish", "keep"])
async def test_a_form_that_was_open_while_its_tag_was_merged_gets_the_new_one(
    browse: Any, db: AsyncSession, then: str
) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await hello(db)
    form = form_of((await anna.get(f"/studio/posts/{post_id}")).text)
    assert form["tags"] == "Cooking, Python"
    await merge(ed, await tag_of(db, "python"), await tag_of(db, "cooking"))
    saved = await anna.post(f"/studio/posts/{post_id}", {**form, "body": "Anew.", "then": then})
    page = (await anna.get(saved.headers["location"])).text
    assert "A tag in it was merged or renamed meanwhile; it has what that became." in page
    assert form_of(page)["tags"] == "Python"
    assert await tags_of(db, post_id) == {"Python"}
    assert "Cooking" not in list(await db.scalars(select(Tag.name)))


async def test_a_working_copy_that_names_a_merged_tag_is_published_with_the_new_one(
    browse: Any, db: AsyncSession
) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await hello(db)
    await anna.save(post_id, title="Hello", slug="hello", body="Later.", tags="Cooking", then="keep")
    await merge(ed, await tag_of(db, "python"), await tag_of(db, "cooking"))
    opened = (await anna.get(f"/studio/posts/{post_id}")).text
    assert form_of(opened)["tags"] == "Python"
    assert "it has what that became." in opened
    review = (await anna.get(f"/studio/posts/{post_id}/publication")).text
    assert re.search(r"<dt>Tags</dt><dd><bdi>Python</bdi>", review), "the page says what will be"
    await anna.post(f"/studio/posts/{post_id}/publication", {"published_at": "", "expires_at": ""})
    assert await tags_of(db, post_id) == {"Python"}
    assert not list(await db.scalars(select(Tag).where(Tag.key == "cooking")))


async def test_a_new_post_and_autosave_get_the_new_tag_too_and_the_page_is_told(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await hello(db)
    new, old = [form_of((await anna.get(f"/studio/posts/{place}")).text) for place in ("new", post_id)]
    await rename(ed, await tag_of(db, "cooking"), "Kitchen")
    told = await anna.post("/studio/posts/autosave", {**new, "title": "Soup", "body": "x", "tags": "cooking, Salt"})
    assert told.json()["merged"] == {"tags": "Kitchen, Salt"}
    told = await anna.post(f"/studio/posts/{post_id}/autosave", {**old, "body": "Anew."})
    assert told.json()["merged"] == {"tags": "Kitchen, Python"}
    kept = await db.scalars(select(Revision.tags).where(Revision.post_id == post_id).order_by(Revision.number.desc()))
    assert kept.first() == ["Kitchen", "Python"]


async def test_who_restores_what_named_the_old_tag_gets_the_new_one(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await hello(db)
    await anna.save(post_id, title="Hello", slug="hello", body="Now.", tags="Python")
    await merge(ed, await tag_of(db, "python"), await tag_of(db, "cooking"))
    await anna.post(f"/studio/posts/{post_id}/revisions/1/restoration")
    await anna.post(f"/studio/posts/{post_id}/working-copy/publication")
    assert await tags_of(db, post_id) == {"Python"}


async def test_who_writes_the_old_name_afterwards_means_a_tag_of_that_name(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await hello(db)
    await merge(ed, await tag_of(db, "python"), await tag_of(db, "cooking"))
    form = form_of((await anna.get(f"/studio/posts/{post_id}")).text)
    await anna.post(f"/studio/posts/{post_id}", {**form, "body": "x", "tags": "Python, Cooking"})
    assert await tags_of(db, post_id) == {"Python", "Cooking"}
    # The name means that tag again, for everybody.
    await anna.post("/studio/posts", {"title": "Soup", "body": "x", "tags": "Cooking", "knows": "0"})
    soup = (await db.scalars(select(Post.id).where(Post.slug == "soup"))).one()
    assert await tags_of(db, soup) == {"Cooking"}


async def test_however_often_a_tag_is_merged_its_name_leads_to_the_last(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await hello(db)
    form = form_of((await anna.get(f"/studio/posts/{post_id}")).text)
    db.add(Tag(name="Food", key="food", slug="food"))
    await db.commit()
    await merge(ed, await tag_of(db, "python"), await tag_of(db, "cooking"))
    await rename(ed, await tag_of(db, "python"), "Snakes")
    await merge(ed, await tag_of(db, "food"), await tag_of(db, "python"))
    await anna.post(f"/studio/posts/{post_id}", {**form, "body": "Anew."})
    assert await tags_of(db, post_id) == {"Food"}
