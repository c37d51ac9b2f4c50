"""News of the desk by mail, for those who want them."""

import re
from datetime import timedelta
from typing import Any

import httpx
from browser import Browser
from postbox import Postbox, text_of, writing
from sqlalchemy import func, select, update

from blog.mail.sending import send_due
from blog.models import Notice, Post, Registration, User


async def delivered(app: Any, box: Postbox) -> dict[str, str]:
    """Let the sender do its round; give what arrived by whom it went to, and empty the box."""
    await send_due(next(iter(app.house.sessions.kw["info"].values())), app.house.sessions)
    found = {to: text_of(message) for (to,), message in zip(box.recipients, box.arrived, strict=True)}
    assert len(found) == len(box.arrived), "nobody gets two letters at once"
    box.arrived.clear()
    box.recipients.clear()
    return {to.removesuffix("@example.org"): text for to, text in found.items()}


async def carls_post(app: Any) -> int:
    async with app.house.sessions() as db:
        return (await db.scalars(select(Post.id).where(Post.slug == "zebrafish-carls"))).one()


async def test_a_review_is_told_to_those_whom_it_concerns(still_app: Any, box: Postbox) -> None:
    async with still_app() as app:
        number = await carls_post(app)
        await Browser(app, "carl").post(f"/studio/posts/{number}/review")
        told = await delivered(app, box)
        assert set(told) == {"ed", "ada"}
        assert "Carl Contributor submitted “The zebrafish carls” for review." in told["ed"]
        assert f"http://127.0.0.1:8000/studio/posts/{number}/review" in told["ed"]
        ed = Browser(app, "ed")
        assert "Nothing new." in (await ed.get("/studio/news")).text, "the queue says it on the desk"
        await ed.post(f"/studio/posts/{number}/comments", {"text": "Which fish?"})
        await ed.post(f"/studio/posts/{number}/review/delete", {"note": "Not yet."})
        told = await delivered(app, box)
        assert set(told) == {"carl"}
        assert "Ed Editor commented on" in told["carl"]
        assert "Ed Editor returned" in told["carl"]
        await Browser(app, "carl").post(f"/studio/posts/{number}/review")
        await ed.post(f"/studio/posts/{number}/publication", {})
        told = await delivered(app, box)
        assert set(told) == {"carl"}, "what was dealt with is no news for editors"
        assert "Ed Editor published" in told["carl"]
        assert await delivered(app, box) == {}


async def test_nobody_gets_what_they_do_not_want_have_read_or_may_not_see(still_app: Any, box: Postbox) -> None:
    async with still_app() as app:
        number, ed = await carls_post(app), Browser(app, "ed")

        async def comment() -> None:
            assert (await ed.post(f"/studio/posts/{number}/comments", {"text": "Hm."})).status_code == 303

        carl = Browser(app, "carl")
        assert "checked" in (await carl.get("/account/mail")).text
        assert (await carl.post("/account/mail", {})).status_code == 303
        await comment()
        assert await delivered(app, box) == {}
        assert (await carl.post("/account/mail", {"wants_mail": "1"})).status_code == 303
        await comment()
        await carl.post("/studio/news/read", {"newest": "999999"})
        assert await delivered(app, box) == {}
        await comment()
        async with app.house.sessions() as db:
            carl_id = (await db.scalars(select(User.id).where(User.username == "carl"))).one()
        await Browser(app, "ada").post(f"/admin/users/{carl_id}/role", {"role": "viewer"})
        assert await delivered(app, box) == {}
        await Browser(app, "ada").post(f"/admin/users/{carl_id}/role", {"role": "author"})
        await comment()
        await Browser(app, "ada").post(f"/admin/users/{carl_id}/suspension")
        assert await delivered(app, box) == {}
        await Browser(app, "ada").post(f"/admin/users/{carl_id}/suspension/delete")
        await comment()
        async with writing(app) as db:
            await db.execute(update(Notice).values(at=app.house.clock() - timedelta(days=2)))
        assert await delivered(app, box) == {}, "what is days old is no news"


async def test_admins_are_told_once_that_somebody_waits_to_be_let_in(still_app: Any, box: Postbox) -> None:
    async with still_app() as app:
        ada, number = Browser(app, "ada"), iter(range(9))

        async def ask() -> None:
            asked = {"name": "evil.test", "email": f"nora{next(number)}@example.org", "password": "seven quiet otters"}
            assert (await Browser(app).post("/register", asked)).status_code == 303
            app.house.clock.advance(timedelta(minutes=20))

        async def answer(deed: str) -> None:
            async with app.house.sessions() as db:
                first = await db.scalar(select(func.min(Registration.id)))
            assert (await ada.post(f"/admin/registrations/{first}/{deed}")).status_code == 303

        await ada.post("/admin/site", {"registration": "approval"})
        await ask()
        told = await delivered(app, box)
        assert set(told) == {"ada"}
        assert "1 person asks for an account." in told["ada"]
        assert "http://127.0.0.1:8000/admin/registrations" in told["ada"]
        assert "evil.test" not in told["ada"], "what strangers type is in no letter"
        await ask()
        await ask()
        assert await delivered(app, box) == {}, "ada knows that somebody waits"
        await answer("delete")
        assert await delivered(app, box) == {}
        await ask()
        assert "3 people ask for an account." in (await delivered(app, box))["ada"], "she has answered since"
        app.house.clock.advance(timedelta(days=1))
        await ask()
        assert "4 people ask for an account." in (await delivered(app, box))["ada"], "a day has gone by"
        for _ in range(4):
            await answer("delete")
        await ask()
        await answer("delete")
        assert await delivered(app, box) == {}, "what was dealt with is no news"
        await ada.post("/account/mail", {})
        await ask()
        assert await delivered(app, box) == {}


async def test_one_click_in_a_mail_program_ends_them(still_app: Any, box: Postbox) -> None:
    async with still_app() as app:
        number = await carls_post(app)
        await Browser(app, "ed").post(f"/studio/posts/{number}/comments", {"text": "Hm."})
        await send_due(next(iter(app.house.sessions.kw["info"].values())), app.house.sessions)
        message = await box.wait()
        assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch(r"<http://127.0.0.1:8000(/unsubscribe/.+)>", message["list-unsubscribe"])
        assert link
        assert "Stop e-mailing me news" in (await Browser(app).get(link[1])).text
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000"
        ) as program:
            answer = await program.post(link[1], data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "We will not e-mail you news any more." in answer.text
        assert "checked" not in (await Browser(app, "carl").get("/account/mail")).text
        assert (await Browser(app, "carl").post(link[1])).status_code == 200
