"""A contributor submits, an editor reads, comments and returns or publishes; both are told, and nobody else sees it."""

import re
from typing import Any

import pytest
from cast import DAY, SECRET, Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Comment, Notice, Post, Status, User

TEXT = "The first paragraph is about herons.\n\nThe second paragraph is about grebes and their nests.\n\nThe third is short."


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def status_of(db: AsyncSession, post_id: int) -> Status:
    db.expire_all()
    return (await db.scalars(select(Post.status).where(Post.id == post_id))).one()


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found, "the page has no form for a paragraph"
    return found[1]


async def written_by_carl(browse: Any, db: AsyncSession, then: str = "submit") -> int:
    carl = browse("carl")
    answer = await carl.save(title="Birds of the lake", body=TEXT)
    post_id = int(answer.headers["location"].rpartition("/")[2])
    answer = await carl.save(post_id, title="Birds of the lake", body=TEXT, slug="birds-of-the-lake", then=then)
    assert answer.status_code == 303
    return post_id


async def comment_on(who: Any, post_id: int, number: int, text: str) -> Any:
    page = (await who.get(f"/studio/posts/{post_id}/review?paragraph={number}")).text
    return await who.post(f"/studio/posts/{post_id}/comments", {"text": text, "paragraph": number, "key": key_of(page)})


async def test_a_post_is_submitted_returned_with_a_note_submitted_again_and_published(
    browse: Any, db: AsyncSession
) -> None:
    carl, ed = browse("carl"), browse("ed")
    post_id = await written_by_carl(browse, db)
    queue = (await ed.get("/studio/reviews")).text
    assert "Birds of the lake" in queue
    assert "submitted by Carl Contributor" in queue
    assert "19 words" in queue
    assert queue.index(f"{SECRET} pending") < queue.index("Birds of the lake"), "the oldest comes first"

    refused = await ed.post(f"/studio/posts/{post_id}/review/delete", {"note": "  "})
    assert (refused.status_code, await status_of(db, post_id)) == (422, Status.PENDING)
    assert "Say what should be different" in refused.text
    returned = await ed.post(f"/studio/posts/{post_id}/review/delete", {"note": "Please name\nthe lake."})
    assert (returned.status_code, await status_of(db, post_id)) == (303, Status.DRAFT)
    assert "Returned to its authors." in (await ed.get(returned.headers["location"])).text
    assert "Birds of the lake" not in (await ed.get("/studio/reviews")).text

    assert "(1 unread)" in (await carl.get("/studio/posts")).text
    news = (await carl.get("/studio/news")).text
    assert "Ed Editor returned “Birds of the lake” with a note." in news
    editor = (await carl.get(f"/studio/posts/{post_id}")).text
    assert "Please name\nthe lake." in editor
    assert "Returned by Ed Editor on" in editor

    await carl.save(post_id, title="Birds of the lake", body=TEXT + " More.", slug="birds-of-the-lake", then="submit")
    assert "Please name" not in (await carl.get(f"/studio/posts/{post_id}")).text, "submitted again, the note is gone"
    assert (await ed.post(f"/studio/posts/{post_id}/publication", {"published_at": ""})).status_code == 303
    assert "Birds of the lake" in (await browse().get("/")).text
    assert "Ed Editor published “Birds of the lake”." in (await carl.get("/studio/news")).text
    assert "Please name" not in (await carl.get(f"/studio/posts/{post_id}")).text


async def test_a_scheduled_post_is_told_as_such_and_ones_own_deeds_are_not(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    post_id, ed = await written_by_carl(browse, db), browse("ed")
    at = f"{clock() + DAY:%Y-%m-%dT%H:%M}"
    await ed.post(f"/studio/posts/{post_id}/publication", {"published_at": at})
    assert "Ed Editor scheduled “Birds of the lake”." in (await browse("carl").get("/studio/news")).text
    own = await ed.save(title="Ed’s own", body="Words.", then="submit")
    await ed.post(f"{own.headers['location']}/review/delete", {"note": "To myself."})
    assert "Nothing new." in (await ed.get("/studio/news")).text


async def test_who_is_published_among_many_is_told_too(browse: Any, db: AsyncSession) -> None:
    post_id = await written_by_carl(browse, db)
    await browse("ed").post("/studio/posts/bulk", {"deed": "publish", "posts": str(post_id)})
    assert await status_of(db, post_id) == Status.PUBLISHED
    assert "Ed Editor published “Birds of the lake”." in (await browse("carl").get("/studio/news")).text


async def test_authors_are_told_when_an_editor_publishes_what_they_did_not_submit(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna, ed = browse("anna"), browse("ed")
    path = (await anna.save(title="Reeds", body="Words.", authors="ben")).headers["location"]
    at = f"{clock() + DAY:%Y-%m-%dT%H:%M}"
    await anna.post(f"{path}/publication", {"published_at": at})
    assert "Nothing new." in (await browse("ben").get("/studio/news")).text, "whose deed it was can say so themselves"
    await ed.post(f"{path}/publication", {"published_at": at})
    assert "Nothing new." in (await anna.get("/studio/news")).text, "nothing is new at the same time as before"
    await ed.post(f"{path}/publication", {"published_at": ""})
    await ed.post(f"{path}/publication", {"published_at": ""})
    for name in ("anna", "ben"):
        assert (await browse(name).get("/studio/news")).text.count("Ed Editor published “Reeds”.") == 1, name
    await ed.post(f"{path}/publication/delete")
    await ed.post(f"{path}/publication", {"published_at": at})
    assert "Ed Editor scheduled “Reeds”." in (await anna.get("/studio/news")).text


async def test_the_navigation_counts_what_waits_and_stays_quiet_when_nothing_does(
    browse: Any, db: AsyncSession
) -> None:
    ed, carl = browse("ed"), browse("carl")
    assert "(1 to review)" in (await ed.get("/studio/posts")).text
    await written_by_carl(browse, db)
    assert "(2 to review)" in (await ed.get("/account")).text
    page = (await carl.get("/studio/posts")).text
    assert "to review" not in page
    assert "unread" not in page
    assert 'href="/studio/reviews"' not in page
    assert 'href="/studio/news"' in page
    assert 'href="/studio/news"' not in (await browse("vera").get("/account")).text


async def test_news_are_marked_as_read_one_by_one_or_all_at_once(browse: Any, db: AsyncSession) -> None:
    post_id, ed, carl = await written_by_carl(browse, db), browse("ed"), browse("carl")
    for text in ("One.", "Two.", "Three."):
        await ed.post(f"/studio/posts/{post_id}/comments", {"text": text})
    page = (await carl.get("/studio/news")).text
    assert page.count("Ed Editor commented on “Birds of the lake”.") == 3
    notices = [int(number) for number in re.findall(r"/studio/news/(\d+)/read", page)]
    assert notices == sorted(notices, reverse=True)
    await browse("anna").post(f"/studio/news/{notices[0]}/read")
    await browse("anna").post("/studio/news/read", {"newest": notices[0]})
    assert "(3 unread)" in (await carl.get("/studio/posts")).text, "nobody reads for somebody else"
    await carl.post(f"/studio/news/{notices[0]}/read")
    assert "(2 unread)" in (await carl.get("/studio/posts")).text
    await carl.post("/studio/news/read", {"newest": notices[1]})
    await ed.post(f"/studio/posts/{post_id}/comments", {"text": "Four."})
    await carl.post("/studio/news/read", {"newest": notices[1]})
    assert "(1 unread)" in (await carl.get("/studio/posts")).text, "what came after the page was shown is not read"
    for newest in ("", "x", "9" * 30):
        assert (await carl.post("/studio/news/read", {"newest": newest})).status_code == 303
    assert (await carl.post("/studio/news/9223372036854775808/read")).status_code == 404


async def test_a_comment_on_a_paragraph_is_answered_resolved_and_opened_again(browse: Any, db: AsyncSession) -> None:
    post_id, ed, carl = await written_by_carl(browse, db), browse("ed"), browse("carl")
    done = await comment_on(ed, post_id, 2, "Which grebes?\n<b>Great crested</b>?")
    assert done.status_code == 303
    page = (await carl.get(f"/studio/posts/{post_id}/review")).text
    assert "Which grebes?\n&lt;b&gt;Great crested&lt;/b&gt;?" in page
    place = page.index("Which grebes?")
    assert page.index("about grebes") < place < page.index("The third is short.")
    assert "1 open comment" in (await carl.get(f"/studio/posts/{post_id}")).text
    assert "1 open comment" in (await ed.get("/studio/reviews")).text

    comment_id = (await db.scalars(select(Comment.id).where(Comment.post_id == post_id))).one()
    await carl.post(f"/studio/posts/{post_id}/comments", {"text": "Black-necked.", "answers": comment_id})
    assert "Carl Contributor commented on “Birds of the lake”." in (await ed.get("/studio/news")).text
    answer_id = (await db.scalars(select(Comment.id).where(Comment.answers_id == comment_id))).one()
    await ed.post(f"/studio/posts/{post_id}/comments", {"text": "Thanks.", "answers": answer_id})
    assert set(await db.scalars(select(Comment.answers_id).where(Comment.id > comment_id))) == {comment_id}
    assert "1 open comment" in (await carl.get(f"/studio/posts/{post_id}")).text, "answers are not counted"

    path = f"/studio/posts/{post_id}/comments/{comment_id}/resolution"
    assert (await carl.post(path)).status_code == 303
    assert "Resolved by Carl Contributor: Which grebes?" in (await ed.get(f"/studio/posts/{post_id}/review")).text
    assert "0 open comments" in (await ed.get("/studio/reviews")).text
    assert (await ed.post(f"{path}/delete")).status_code == 303
    assert "Resolved by" not in (await ed.get(f"/studio/posts/{post_id}/review")).text
    assert (await ed.post(f"/studio/posts/{post_id}/comments/{answer_id}/resolution")).status_code == 404


async def test_a_comment_finds_its_paragraph_again_or_says_that_the_text_has_changed(
    browse: Any, db: AsyncSession
) -> None:
    post_id, ed, carl = await written_by_carl(browse, db, then=""), browse("ed"), browse("carl")
    for number, text in ((1, "On the herons"), (2, "On the grebes"), (3, "On what is short")):
        assert (await comment_on(ed, post_id, number, text)).status_code == 303
    moved = (
        "A new beginning.\n\nAnd one more.\n\nThe second paragraph is about grebes, coots and their nests.\n\n"
        "The first paragraph is about herons."
    )
    await carl.save(post_id, title="Birds of the lake", body=moved, slug="birds-of-the-lake")
    page = (await ed.get(f"/studio/posts/{post_id}/review")).text
    text = page.index('<div class="prose"')
    assert text < page.index("is about herons") < page.index("On the herons"), "moved, and still the same"
    assert page.count("This text has changed since.") == 1
    assert page.index("grebes, coots") < page.index("This text has changed since.") < page.index("On the grebes")
    assert "The second paragraph is about grebes and their nests." in page, "what it said when it was commented on"
    lost = page.index("On text that is no longer there")
    assert lost < page.index("On what is short") < text


async def test_who_comments_on_a_paragraph_that_has_just_changed_is_told_and_keeps_their_words(
    browse: Any, db: AsyncSession
) -> None:
    post_id, ed = await written_by_carl(browse, db, then=""), browse("ed")
    key = key_of((await ed.get(f"/studio/posts/{post_id}/review?paragraph=2")).text)
    moved = TEXT.replace("The second", "A new one before.\n\nThe second")
    await browse("carl").save(post_id, title="Birds", body=moved, slug="birds-of-the-lake")
    fields = {"text": "About grebes", "paragraph": "2", "key": key}
    assert (await ed.post(f"/studio/posts/{post_id}/comments", fields)).status_code == 303
    assert await db.scalar(select(Comment.place).where(Comment.text == "About grebes")) == 3
    await browse("carl").save(post_id, title="Birds", body="All is different.", slug="birds-of-the-lake")
    refused = await ed.post(f"/studio/posts/{post_id}/comments", fields | {"text": "Kept <words>"})
    assert refused.status_code == 422
    assert "This paragraph was changed while you were writing." in refused.text
    assert "Kept &lt;words&gt;" in refused.text


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "Write what you want to say."), (" \n", "Write what"), ("x" * 4001, "At most 4,000")]
)
async def test_an_empty_or_endless_comment_is_refused_in_words(
    browse: Any, db: AsyncSession, text: str, sentence: str
) -> None:
    post_id = await id_of(db, f"{SECRET}-pending")
    answer = await browse("ed").post(f"/studio/posts/{post_id}/comments", {"text": text})
    assert answer.status_code == 422
    assert sentence in answer.text


async def test_a_comment_belongs_to_its_post_and_to_no_other(browse: Any, db: AsyncSession) -> None:
    pending, carls = await id_of(db, f"{SECRET}-pending"), await id_of(db, f"{SECRET}-carls")
    ed, carl = browse("ed"), browse("carl")
    await ed.post(f"/studio/posts/{pending}/comments", {"text": "Here."})
    comment_id = (await db.scalars(select(Comment.id))).one()
    assert (await ed.post(f"/studio/posts/{carls}/comments", {"text": "x", "answers": comment_id})).status_code == 404
    for step in ("resolution", "resolution/delete"):
        assert (await carl.post(f"/studio/posts/{carls}/comments/{comment_id}/{step}")).status_code == 404
    assert (await carl.post(f"/studio/posts/{carls}/comments/9223372036854775808/resolution")).status_code == 404


async def test_who_no_longer_works_on_a_post_hears_nothing_more_of_it(browse: Any, db: AsyncSession) -> None:
    post_id, ben, ed = await id_of(db, f"{SECRET}-shared"), browse("ben"), browse("ed")
    await ed.post(f"/studio/posts/{post_id}/comments", {"text": "For all three."})
    for who in ("anna", "ben", "carl"):
        assert "(1 unread)" in (await browse(who).get("/studio/posts")).text
    await ed.save(post_id, title=f"A new {SECRET}", body="b", slug=f"{SECRET}-shared", authors="carl")
    page = await ben.get("/studio/news")
    assert SECRET not in page.text
    assert "unread" not in page.text
    assert (await ben.get(f"/studio/posts/{post_id}/review")).status_code == 404
    await ed.post(f"/studio/posts/{post_id}/comments", {"text": "Without Ben."})
    assert (
        await db.scalar(
            select(func.count(Notice.id)).join(User, User.id == Notice.user_id).where(User.username == "ben")
        )
        == 1
    )


async def test_what_is_in_the_trash_can_be_read_but_not_commented_on(browse: Any, db: AsyncSession) -> None:
    post_id, anna = await id_of(db, f"{SECRET}-trashed"), browse("anna")
    assert (await anna.get(f"/studio/posts/{post_id}/review")).status_code == 200
    assert (await anna.post(f"/studio/posts/{post_id}/comments", {"text": "x"})).status_code == 403


async def test_deleting_a_post_takes_everything_that_was_said_with_it(browse: Any, db: AsyncSession) -> None:
    post_id, ed = await written_by_carl(browse, db), browse("ed")
    await comment_on(ed, post_id, 1, "Said.")
    await ed.post(f"/studio/posts/{post_id}/shares", {"days": "7"})
    await ed.post(f"/studio/posts/{post_id}/trash")
    assert (await ed.post(f"/studio/posts/{post_id}/delete")).status_code == 303
    assert await db.scalar(select(func.count(Comment.id))) == 0
    assert "Nothing new." in (await browse("carl").get("/studio/news")).text


async def test_a_text_without_words_and_a_queue_without_posts_say_so(browse: Any, db: AsyncSession) -> None:
    answer = await browse("ed").save(title="Empty", body="")
    assert "There is no text yet." in (await browse("ed").get(f"{answer.headers['location']}/review")).text
    await browse("ed").post(f"/studio/posts/{await id_of(db, f'{SECRET}-pending')}/review/delete", {"note": "n"})
    assert "Nothing waits for a review." in (await browse("ed").get("/studio/reviews")).text
    assert (await browse("ed").get("/studio/reviews?page=2")).status_code == 404
