"""A guest of a shared draft reads what was said to them and answers; what those at the desk say among themselves stays."""

import itertools
import re
from typing import Any

import pytest
from browser import Browser
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.models import Comment, Share
from blog.queries import comments

INNER = "Among ourselves only"


@pytest.fixture
async def shared(browse: Any, db: AsyncSession) -> tuple[Browser, Browser, int, str]:
    """Anna, a guest, the draft that Anna shared, and the link to it."""
    anna, guest = browse("anna"), browse()
    saved = await anna.save(title="Birds", body="Of herons.\n\nOf grebes.")
    post_id = int(saved.headers["location"].rpartition("/")[2])
    return anna, guest, post_id, await link_to(anna, post_id)


async def link_to(who: Browser, post_id: int) -> str:
    page = (await who.post(f"/studio/posts/{post_id}/shares", {"days": "7"})).text
    found = re.search(r'value="http://127\.0\.0\.1:8000(/shared/[\w-]{43})" readonly', page)
    assert found
    return found[1]


async def newest(db: AsyncSession) -> int:
    return (await db.scalars(select(Comment.id).order_by(Comment.id.desc()).limit(1))).one()


async def answer(who: Browser, post_id: int, begun: int, text: str, to: str = "guest") -> None:
    sent = await who.post(f"/studio/posts/{post_id}/comments", {"answers": str(begun), "text": text, "to": to})
    assert sent.status_code == 303, sent.text


async def test_a_guest_and_the_authors_answer_each_other(shared: Any, browse: Any, db: AsyncSession) -> None:
    anna, guest, post_id, link = shared
    await guest.post(f"{link}/comments", {"name": "Gus", "text": "Which grebes?", "paragraph": "2"})
    begun = await newest(db)
    await answer(browse("ed"), post_id, begun, "The great crested ones.")
    page = (await guest.get(link)).text
    assert page.index("Of grebes") < page.index("Which grebes?") < page.index("The great crested ones.")
    assert "Ed Editor" in page
    said = await guest.post(f"{link}/comments", {"name": "Gus", "text": "Thank you <3", "answers": str(begun)})
    assert said.headers["location"] == f"{link}?done=comment#comment-{begun}"
    page = (await guest.get(link)).text
    assert page.index("The great crested ones.") < page.index("Thank you &lt;3")
    review = (await anna.get(f"/studio/posts/{post_id}/review")).text
    assert review.index("Which grebes?") < review.index("The great crested ones.") < review.index("Thank you &lt;3")
    assert "the guest may read this" in review
    assert (await browse("ed").get("/studio/news")).text.count("Gus commented on “Birds”.") == 1, "who answered is told"


async def test_nothing_that_was_said_at_the_desk_reaches_a_guest(shared: Any, browse: Any, db: AsyncSession) -> None:
    anna, guest, post_id, link = shared
    other = await link_to(anna, post_id)
    await guest.post(f"{link}/comments", {"name": "Gus", "text": "From Gus"})
    from_gus = await newest(db)
    await guest.post(f"{other}/comments", {"name": "Hal", "text": "From Hal"})
    from_hal = await newest(db)
    await anna.post(f"/studio/posts/{post_id}/comments", {"text": f"{INNER} 1", "to": "guest"})
    inner = await newest(db)
    await answer(anna, post_id, inner, f"{INNER} 2", to="guest")  # meant for a guest, where there is none
    await answer(anna, post_id, from_gus, f"{INNER} 3", to="desk")
    await answer(anna, post_id, from_gus, f"{INNER} 4", to="")
    await answer(anna, post_id, await newest(db), f"{INNER} 5", to="else")
    await answer(anna, post_id, from_gus, "To Gus")
    await answer(anna, post_id, from_hal, "To Hal")
    for path, theirs, others in ((link, "Gus", "Hal"), (other, "Hal", "Gus")):
        page = (await guest.get(path)).text
        assert f"From {theirs}" in page
        assert f"To {theirs}" in page
        assert f"From {others}" not in page
        assert f"To {others}" not in page
        assert INNER not in page
    assert (await anna.get(f"/studio/posts/{post_id}/review")).text.count(INNER) == 5
    # A thread of the desk, of another link, an answer, and nothing at all are the same to who is not let in.
    to_gus = (await db.scalars(select(Comment.id).where(Comment.text == "To Gus"))).one()
    for number in (inner, from_hal, to_gus, 10**6, 10**17):
        refused = await guest.post(f"{link}/comments", {"name": "Gus", "text": "x", "answers": str(number)})
        assert refused.status_code == 404, number
    await anna.post(f"/studio/posts/{post_id}/comments/{from_gus}/resolution")
    assert "To Gus" in (await guest.get(link)).text


async def test_an_answer_that_is_refused_says_why_in_its_place(shared: Any, db: AsyncSession) -> None:
    _anna, guest, _post_id, link = shared
    await guest.post(f"{link}/comments", {"name": "Gus", "text": "One"})
    begun = await newest(db)
    refused = await guest.post(f"{link}/comments", {"name": "", "text": "Kept words", "answers": str(begun)})
    assert refused.status_code == 422
    thread = refused.text.split(f'id="comment-{begun}"')[1].split("</article>")[0]
    assert "<details open>" in thread
    assert "Tell us your name." in thread
    assert "Kept words" in thread
    assert refused.text.count("Kept words") == 1
    assert len(re.findall(r'id="name[^"]*-error"', refused.text)) == 1


async def test_hearing_through_a_link_agrees_with_its_twin(shared: Any, db: AsyncSession) -> None:
    anna, _guest, post_id, _link = shared
    await link_to(anna, post_id)
    links = list(await db.scalars(select(Share)))
    now = links[0].created_at
    ways = [None, *(link.id for link in links)]
    threads = [Comment(post_id=post_id, share_id=way, text="", created_at=now) for way in ways]
    db.add_all(threads)
    await db.flush()
    for thread, way, is_for_guest in itertools.product(threads, ways, (False, True)):
        if way in {None, thread.share_id}:  # nobody answers through another link
            made = Comment(post_id=post_id, share_id=way, answers_id=thread.id, text="", is_for_guest=is_for_guest)
            made.created_at = now
            db.add(made)
    await db.flush()
    stored = {one.id: one for one in await db.scalars(select(Comment))}
    for link in links:
        by_row = {one.id for one in stored.values() if policy.may_hear(link, stored.get(one.answers_id or 0, one), one)}
        assert by_row == set(await db.scalars(select(Comment.id).where(policy.heard_through(link))))
        assert 0 < len(by_row) < len(stored)
        heard = [one for thread in await comments.through(db, link) for one in (thread.comment, *thread.answers)]
        assert {one.id for one in heard} == by_row
