"""A draft is shown to somebody without an account: they read, comment and approve, and nothing else is opened."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser
from cast import DAY, SECRET, Clock, cookie_of
from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.tokens import token_hash
from blog.controllers.public.shared import PER_HOUR
from blog.models import Approval, Comment, Media, Post, Share, User, UserStatus
from blog.web.logins import cookie_name

HOUR = timedelta(hours=1)
TEXT = "Of herons, with *care*.\n\nOf grebes and their nests.\n\n---\n\nThe end."
NO_WHERE = "/shared/" + "A" * 43


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def draft_of(who: Any, body: str = TEXT, **fields: str) -> int:
    answer = await who.save(title="Birds of the lake", body=body, **fields)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


async def link_to(who: Any, post_id: int, days: str = "7") -> str:
    """Make a link as the editor's form does, and give its path."""
    page = await who.post(f"/studio/posts/{post_id}/shares", {"days": days})
    assert page.status_code == 200, page.text
    found = re.search(r'value="http://127\.0\.0\.1:8000(/shared/[\w-]{43})" readonly', page.text)
    assert found
    return found[1]


async def picture_of(who: Any, db: AsyncSession, size: int = 1200) -> str:
    """Upload a photograph and give its stored name."""
    kept = io.BytesIO()
    Image.effect_noise((size // 4, size // 6), 60).convert("RGB").resize((size, size * 2 // 3)).save(kept, "JPEG")
    answer = await who.post("/studio/media", files={"file": ("photo.jpg", kept.getvalue(), "image/jpeg")})
    assert answer.status_code == 303
    return (await db.scalars(select(Media.name).order_by(Media.id.desc()).limit(1))).one()


async def test_a_guest_reads_comments_and_approves_and_the_authors_are_told(browse: Any, db: AsyncSession) -> None:
    anna, guest = browse("anna"), browse()
    post_id = await draft_of(anna)
    link = await link_to(anna, post_id)
    page = (await guest.get(link)).text
    assert "Of herons, with <em>care</em>." in page
    assert "Anna Author" in page
    form = (await guest.get(f"{link}?paragraph=2")).text
    assert form.index("Of grebes") < form.index('name="paragraph" value="2"') < form.index("The end.")

    said = await guest.post(f"{link}/comments", {"name": "Gus <b>", "text": "Which\n<i>grebes</i>?", "paragraph": "2"})
    assert (said.status_code, said.headers["location"]) == (303, f"{link}?done=comment#p-2")
    page = (await guest.get(said.headers["location"])).text
    assert "Your comment was sent to the authors." in page
    assert "Gus &lt;b&gt;" in page
    assert "Which\n&lt;i&gt;grebes&lt;/i&gt;?" in page
    approved = await guest.post(f"{link}/approval", {"name": "Gus"})
    assert "you approve this text" in (await guest.get(approved.headers["location"])).text

    news = (await anna.get("/studio/news")).text
    assert "Gus &lt;b&gt; commented on “Birds of the lake”." in news
    assert "Gus approved the text of “Birds of the lake”." in news
    review = (await anna.get(f"/studio/posts/{post_id}/review")).text
    assert review.index("Of grebes") < review.index("&lt;i&gt;grebes&lt;/i&gt;") < review.index("The end.")
    assert "Answer the guest" in review, "who answers says who will see it"
    assert "Approved by Gus on November 21, 2026" in (await anna.get(f"/studio/posts/{post_id}")).text


async def test_an_approval_holds_for_the_text_that_was_seen_and_lapses_with_a_change(
    browse: Any, db: AsyncSession
) -> None:
    anna, guest = browse("anna"), browse()
    post_id = await draft_of(anna)
    link = await link_to(anna, post_id)
    for _ in range(2):
        await guest.post(f"{link}/approval", {"name": "Gus"})
    assert await db.scalar(select(func.count(Approval.id))) == 1
    lapsed = "Approval of Gus lapsed: the text has changed since"
    await anna.save(post_id, title="Birds of the lake", body=TEXT, slug="birds-of-the-lake", tags="Lake")
    page = (await anna.get(f"/studio/posts/{post_id}")).text
    assert "Approved by Gus on" in page, "tags are not part of what was approved"
    for change in ({"title": "Birds of a lake", "body": TEXT}, {"title": "Birds of the lake", "body": TEXT + "!"}):
        await anna.save(post_id, slug="birds-of-the-lake", **change)
        page = (await anna.get(f"/studio/posts/{post_id}")).text
        assert lapsed in page
        assert "Approved by Gus" not in page
    again = await link_to(anna, post_id)
    await guest.post(f"{again}/approval", {"name": "Gus"})
    page = (await anna.get(f"/studio/posts/{post_id}")).text
    assert "Approved by Gus on" in page
    assert lapsed not in page


async def test_a_link_shows_the_text_as_it_was_and_no_later_words(browse: Any, db: AsyncSession) -> None:
    anna, guest = browse("anna"), browse()
    post_id = await draft_of(anna)
    link = await link_to(anna, post_id)
    await anna.save(post_id, title="Later title", body="Later words.", slug="birds-of-the-lake", tags="Later")
    await anna.post(f"/studio/posts/{post_id}/comments", {"text": "Among ourselves."})
    page = (await guest.get(link)).text
    assert "Of herons" in page
    assert "Later" not in page
    assert "Among ourselves" not in page
    await guest.post(f"{link}/comments", {"name": "Gus", "text": "On what is gone", "paragraph": "1"})
    review = (await anna.get(f"/studio/posts/{post_id}/review")).text
    assert review.index("On text that is no longer there") < review.index("On what is gone")
    assert "Of herons, with care." in review


async def test_of_a_live_post_the_changes_are_shared_that_readers_do_not_see_yet(browse: Any, db: AsyncSession) -> None:
    anna, guest = browse("anna"), browse()
    post_id, picture = await draft_of(anna, then="publish"), await picture_of(anna, db)
    changed = {"title": "Birds of the lake, again", "slug": "birds-of-the-lake", "cover": f"/media/{picture}"}
    await anna.save(post_id, body="Of herons, with *joy*.", then="keep", **changed)
    link = await link_to(anna, post_id)
    page = (await guest.get(link)).text
    assert "Birds of the lake, again" in page
    assert "with <em>joy</em>" in page
    assert (await guest.get(f"{link}/media/{picture}")).status_code == 200
    assert "joy" not in (await guest.get("/posts/birds-of-the-lake")).text
    await guest.post(f"{link}/comments", {"name": "Gus", "text": "Well said", "paragraph": "1"})
    review = (await anna.get(f"/studio/posts/{post_id}/review")).text
    assert review.index("<em>joy</em>") < review.index("Well said")
    assert "This text has changed since" not in review
    await guest.post(f"{link}/approval", {"name": "Gus"})
    assert "Approved by Gus on" in (await anna.get(f"/studio/posts/{post_id}")).text
    await anna.save(post_id, body="Of herons, with *care*.", then="keep", **changed)
    assert "Approval of Gus lapsed" in (await anna.get(f"/studio/posts/{post_id}")).text


@pytest.mark.parametrize("days", ["1", "7", "30"])
async def test_a_link_ends_when_its_time_has_come(browse: Any, db: AsyncSession, clock: Clock, days: str) -> None:
    anna, guest = browse("anna"), browse()
    link = await link_to(anna, await draft_of(anna), days)
    clock.advance(int(days) * DAY - HOUR)
    assert (await guest.get(link)).status_code == 200
    clock.advance(HOUR)
    assert (await guest.get(link)).status_code == 404


@pytest.mark.parametrize("days", ["", "2", "365", "-1", "7.5"])
async def test_nobody_makes_a_link_for_longer_than_offered(browse: Any, db: AsyncSession, days: str) -> None:
    answer = await browse("anna").post(f"/studio/posts/{await id_of(db, f'{SECRET}-draft')}/shares", {"days": days})
    assert answer.status_code == 422
    assert "Choose one from the list." in answer.text
    assert await db.scalar(select(func.count(Share.id))) == 0


async def test_the_editor_lists_links_with_their_last_use_and_revokes_them(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna, guest = browse("anna"), browse()
    post_id = await draft_of(anna)
    link = await link_to(anna, post_id)
    page = (await anna.get(f"/studio/posts/{post_id}")).text
    assert "Made by Anna Author on November 21, 2026, until" in page
    assert "Not used yet" in page
    assert link not in page, "only its hash is known"
    await anna.get(link)
    assert "Not used yet" in (await anna.get(f"/studio/posts/{post_id}")).text, "a look of one’s own is no use"
    await guest.get(link)
    assert "Last used November 21, 2026" in (await anna.get(f"/studio/posts/{post_id}")).text
    clock.advance(3 * DAY)
    await guest.get(link)
    assert "Last used November 24, 2026" in (await anna.get(f"/studio/posts/{post_id}")).text
    share_id = await db.scalar(select(Share.id))
    assert (await anna.post(f"/studio/posts/{post_id}/shares/{share_id}/delete")).status_code == 303
    assert "Made by Anna Author" not in (await anna.get(f"/studio/posts/{post_id}")).text
    assert (await guest.get(link)).status_code == 404


async def test_a_link_is_revoked_at_its_own_post_only(browse: Any, db: AsyncSession) -> None:
    anna, carl = browse("anna"), browse("carl")
    link = await link_to(anna, await draft_of(anna))
    share_id = await db.scalar(select(Share.id))
    carls = await id_of(db, f"{SECRET}-carls")
    for number in (share_id, 9223372036854775808):
        assert (await carl.post(f"/studio/posts/{carls}/shares/{number}/delete")).status_code == 404
    assert (await browse().get(link)).status_code == 200


async def test_unknown_expired_revoked_and_closed_links_are_all_the_same(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    """No answer tells whether there ever was such a link."""
    anna, guest = browse("anna"), browse()
    expired = await link_to(anna, await draft_of(anna), "1")
    revoked = await link_to(anna, await draft_of(anna))
    await db.execute(update(Share).where(Share.token_hash == token_hash(revoked[8:])).values(revoked_at=clock()))
    trashed_id = await draft_of(anna)
    trashed = await link_to(anna, trashed_id)
    await anna.post(f"/studio/posts/{trashed_id}/trash")
    suspended = await link_to(browse("ben"), await draft_of(browse("ben")))
    await db.execute(update(User).where(User.username == "ben").values(status=UserStatus.SUSPENDED))
    await db.commit()
    clock.advance(DAY)
    for step in ("", "/media/0123.png"):
        never = await guest.get(NO_WHERE + step)
        assert never.status_code == 404
        for link in (expired, revoked, trashed, suspended):
            answer = await guest.get(link + step)
            assert (answer.status_code, answer.text) == (404, never.text)
            assert dict(answer.headers) == dict(never.headers)
    for step in ("/comments", "/approval"):
        for link in (NO_WHERE, expired, revoked, trashed, suspended):
            answer = await guest.post(link + step, {"name": "Gus", "text": "Hello"})
            assert answer.status_code == 404
    assert await db.scalar(select(func.count(Comment.id))) == 0


@pytest.mark.parametrize("who", [None, "anna"])
async def test_nothing_behind_a_link_is_kept_listed_or_passed_on(
    browse: Any, db: AsyncSession, who: str | None
) -> None:
    anna, guest = browse("anna"), browse(who)
    link = await link_to(anna, await draft_of(anna))
    answers = [await guest.get(link), await guest.get(NO_WHERE), await guest.get(f"{link}/media/none.png"),
               await guest.post(f"{link}/comments", {"name": "Gus", "text": "Hello"}), await guest.head(link),
               await guest.post(f"{link}/approval", {"name": "Gus"}), await guest.post(f"{link}/approval", {"name": ""}),
               await guest.post(link), await guest.get(f"{link}/")]  # fmt: skip
    assert [one.status_code for one in answers] == [200, 404, 404, 303, 200, 303, 422, 405, 301]
    for answer in answers:
        assert answer.headers.get_list("cache-control") == ["no-store"]
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
        assert answer.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert "set-cookie" not in answer.headers
        assert "etag" not in answer.headers
    page = answers[0].text
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in page
    for tag in ("canonical", 'rel="alternate"', "og:"):
        assert tag not in page


async def test_a_page_behind_a_link_is_rendered_anew_each_time(fresh_app: Any) -> None:
    """The page cache never holds it: with real caching on, a revoked link is closed at the next request."""
    async with fresh_app() as app:
        anna, guest = Browser(app, "anna"), Browser(app)
        post_id = await draft_of(anna)
        link = await link_to(anna, post_id)
        assert (await guest.get(link)).status_code == 200
        page = (await anna.get(f"/studio/posts/{post_id}")).text
        revoke = re.search(r'action="(/studio/posts/\d+/shares/\d+/delete)"', page)
        assert revoke
        await anna.post(revoke[1])
        assert (await guest.get(link)).status_code == 404


async def test_the_log_does_not_hold_the_secret(browse: Any, caplog: pytest.LogCaptureFixture) -> None:
    anna = browse("anna")
    link = await link_to(anna, await draft_of(anna))
    with caplog.at_level("INFO", "blog.access"):
        await browse().get(link)
        await browse().get(f"{link}/media/none.png")
        await browse().post(f"{link}/comments", {"name": "Gus", "text": "Hello"})
    assert link[8:] not in caplog.text
    assert caplog.text.count("/shared/\\u2026") == 3


async def test_only_the_hash_of_a_secret_is_stored(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    link = await link_to(anna, await draft_of(anna))
    share = await db.scalar(select(Share))
    assert share is not None
    assert share.token_hash == token_hash(link.removeprefix("/shared/"))
    assert link.removeprefix("/shared/") not in str(vars(share))


async def test_pictures_of_the_draft_open_through_the_link_and_nowhere_else(browse: Any, db: AsyncSession) -> None:
    anna, guest = browse("anna"), browse()
    shown, cover, other = [await picture_of(anna, db) for _ in range(3)]
    post_id = await draft_of(anna, body=f"![A heron](/media/{shown})", cover=f"/media/{cover}")
    link = await link_to(anna, post_id)
    page = (await guest.get(link)).text
    assert f'src="{link}/media/{shown}"' in page
    assert f'src="{link}/media/{cover}"' in page
    assert 'src="/media/' not in page
    assert '"/media/' not in page
    addresses = re.findall(rf"{re.escape(link)}/media/[\w.-]+", page)
    assert len(addresses) > 3, "smaller copies are offered through the link too"
    for address in addresses:
        file = await guest.get(address)
        assert file.status_code == 200, address
        assert file.headers["content-type"].startswith("image/")
        assert file.headers["cache-control"] == "no-store"
        assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    for name in (shown, cover):
        assert (await guest.get(f"/media/{name}")).status_code == 404, "the file is not opened to the world"
    assert (await guest.get(f"{link}/media/{other}")).status_code == 404, "only what the draft shows"
    await anna.save(post_id, title="Birds", body=f"![](/media/{other})", slug="birds-of-the-lake")
    assert (await guest.get(f"{link}/media/{other}")).status_code == 404, "nor what it shows later"
    share_id = await db.scalar(select(Share.id))
    await anna.post(f"/studio/posts/{post_id}/shares/{share_id}/delete")
    assert (await guest.get(addresses[0])).status_code == 404


async def test_the_secret_is_in_no_comment_even_of_a_picture_without_words(browse: Any, db: AsyncSession) -> None:
    anna, guest = browse("anna"), browse()
    picture = f"/media/{await picture_of(anna, db, 60)}"
    post_id = await draft_of(anna, body=f"![]({picture})")
    link = await link_to(anna, post_id)
    await guest.post(f"{link}/comments", {"name": "Gus", "text": "What is this?", "paragraph": "1"})
    assert await db.scalar(select(Comment.quote)) == picture
    assert "This text has changed" not in (await anna.get(f"/studio/posts/{post_id}/review")).text


@pytest.mark.parametrize(
    ("step", "fields", "sentence"),
    [
        ("comments", {"name": "", "text": "Kept words"}, "Tell us your name."),
        ("comments", {"name": "Gus", "text": " "}, "Write what you want to say."),
        ("comments", {"name": "n" * 101, "text": "Kept words"}, "At most 100 characters fit here"),
        ("comments", {"name": "Gus", "text": "x" * 4001}, "At most 4,000 characters fit here"),
        ("approval", {"name": " "}, "Tell us your name."),
        ("approval", {"name": "n" * 101}, "At most 100 characters fit here"),
    ],
)
async def test_a_guests_form_that_is_refused_says_why_and_keeps_what_was_typed(
    browse: Any, db: AsyncSession, step: str, fields: dict[str, str], sentence: str
) -> None:
    anna, guest = browse("anna"), browse()
    link = await link_to(anna, await draft_of(anna))
    answer = await guest.post(f"{link}/{step}", fields | {"paragraph": "2"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields.get("text", "").strip() in answer.text
    assert await db.scalar(select(func.count(Comment.id))) == await db.scalar(select(func.count(Approval.id))) == 0


@pytest.mark.parametrize("paragraph", ["3", "99", "9223372036854775808"])
async def test_nobody_comments_on_a_paragraph_that_is_not_there(browse: Any, db: AsyncSession, paragraph: str) -> None:
    anna, guest = browse("anna"), browse()
    link = await link_to(anna, await draft_of(anna))
    answer = await guest.post(f"{link}/comments", {"name": "Gus", "text": "Hello", "paragraph": paragraph})
    assert answer.status_code in {303, 404}
    assert not await db.scalar(select(func.count(Comment.id)).where(Comment.place > 0))
    assert (await guest.get(f"{link}?paragraph={paragraph}")).status_code == 200


async def test_through_one_link_only_so_much_is_said_in_an_hour(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, guest = browse("anna"), browse()
    post_id = await draft_of(anna)
    link, other = await link_to(anna, post_id), await link_to(anna, post_id)
    for number in range(PER_HOUR - 1):
        answer = await guest.post(f"{link}/comments", {"name": "Gus", "text": f"Comment {number}"})
        assert answer.status_code == 303
    assert (await guest.post(f"{link}/approval", {"name": "Gus"})).status_code == 303
    refused = await guest.post(f"{link}/comments", {"name": "Gus", "text": "Kept words"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert "Please try again in an hour." in refused.text
    assert "Kept words" in refused.text
    assert (await guest.post(f"{link}/approval", {"name": "Ann"})).status_code == 429
    assert (await guest.post(f"{other}/comments", {"name": "Gus", "text": "Elsewhere"})).status_code == 303
    clock.advance(HOUR)
    assert (await guest.post(f"{link}/comments", {"name": "Gus", "text": "Kept words"})).status_code == 303


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"origin": "https://evil.test"}, False),
        ({"origin": "https://evil.test", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "null", "sec-fetch-site": "same-site"}, False),
        # A page that sends no referrer hides its origin in its own forms too, as the Fetch standard says.
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, True),
    ],
)
async def test_a_guests_forms_are_taken_from_our_own_pages_only(
    browse: Any, db: AsyncSession, headers: dict[str, str], is_ours: bool
) -> None:
    """They carry no token of a sign-in: the outer layer's look at who sent them, and the secret path, stand for it."""
    anna, guest = browse("anna"), browse()
    link = await link_to(anna, await draft_of(anna))
    for step in ("comments", "approval"):
        answer = await guest.post(f"{link}/{step}", {"name": "Gus", "text": "Hello"}, headers=headers)
        assert answer.status_code == (303 if is_ours else 403)
    if headers == {"origin": "null"}:
        assert (await guest.post("/appearance", {"theme": "dark"}, headers=headers)).status_code == 403


async def test_who_is_signed_in_can_use_the_link_too_with_the_token_of_their_sign_in(
    browse: Any, db: AsyncSession
) -> None:
    link = await link_to(browse("anna"), await draft_of(browse("anna")))
    vera = browse("vera")
    assert 'name="csrf_token"' in (await vera.get(link)).text
    assert 'name="csrf_token"' not in (await browse().get(link)).text
    assert (await vera.post(f"{link}/comments", {"name": "Vera", "text": "Hello"})).status_code == 303
    assert (await vera.post(f"{link}/comments", {"name": "V", "text": "H", "csrf_token": "0"})).status_code == 403
    assert await db.scalar(select(Comment.author_id)) is None, "through a link everybody is a guest"


async def test_a_link_opens_neither_the_post_nor_the_desk(browse: Any, db: AsyncSession, app: Any) -> None:
    anna, guest = browse("anna"), browse()
    post_id = await draft_of(anna)
    link = await link_to(anna, post_id)
    guest.client.cookies.set(cookie_name(app.house.settings), link[8:], domain="127.0.0.1")
    assert (await guest.get("/posts/birds-of-the-lake")).status_code == 404
    assert (await guest.get(f"/studio/posts/{post_id}/review")).status_code == 303
    assert (await browse().get(f"/shared/{cookie_of('anna')}")).status_code == 404
