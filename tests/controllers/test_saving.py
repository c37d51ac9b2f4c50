"""Nothing is lost: automatic saves, working copies, what two people wrote at once, sign-ins that end in mid-sentence."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from browser import Browser
from cast import SECRET, Clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.models import Clash, Event, Keeping, Login, Post, Presence, Redirect, Revision, SearchText, Site, User
from blog.queries import revisions

MINUTE = timedelta(minutes=1)
JSON = {"accept": "application/json"}


async def id_of(db: AsyncSession, slug: str) -> int:
    return (await db.scalars(select(Post.id).where(Post.slug == slug))).one()


async def numbers(db: AsyncSession, post_id: int) -> list[int]:
    listed = select(Revision.number).where(Revision.post_id == post_id, Revision.keeping != Keeping.FOLDED)
    return list(await db.scalars(listed.order_by(Revision.number)))


async def body_of(db: AsyncSession, post_id: int) -> str:
    return (await db.scalars(select(Post.body).where(Post.id == post_id))).one()


async def site_version(db: AsyncSession) -> int:
    return (await db.scalars(select(Site.version))).one()


def fields_of(page: str) -> dict[str, str]:
    """Read the editor's form as a browser would send it."""
    form = page[page.index('id="editor"') : page.index("</form>", page.index('id="editor"'))]
    found = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form)
    }
    found |= {name: unescape(text) for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)', form)}
    for name, options in re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', options)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    return found


async def open_editor(browser: Browser, post_id: int) -> dict[str, str]:
    return fields_of((await browser.get(f"/studio/posts/{post_id}")).text)


async def autosave(browser: Browser, address: str, form: dict[str, str]) -> httpx.Response:
    return await browser.post(f"{address}/autosave", form, headers=JSON)


async def test_a_new_post_saves_itself_and_goes_on_where_it_is(browse: Any, db: AsyncSession) -> None:
    anna = browse("anna")
    form = fields_of((await anna.get("/studio/posts/new")).text)
    first = await autosave(anna, "/studio/posts", form | {"body": "Once"})
    assert first.status_code == 201, first.text
    told = first.json()
    assert told["autosave"] == told["address"] + "/autosave"
    assert told["merged"] is None
    post_id = int(told["address"].rsplit("/")[-1])
    form |= {"title": "A tale", "body": "Once upon a time", "version": str(told["version"])}
    told = (await anna.post(told["autosave"], form, headers=JSON)).json()
    form |= {"title": "A tale of two", "version": str(told["version"])}
    assert (await anna.save(post_id, **form)).status_code == 303
    post = await db.get_one(Post, post_id)
    assert (post.title, post.slug) == ("A tale of two", "a-tale-of-two")
    assert await body_of(db, post_id) == "Once upon a time"
    assert len(await numbers(db, post_id)) == 1, "what the page saved by itself folded into what was saved by hand"


async def test_automatic_saves_fold_for_ten_minutes_and_no_base_of_anybody_is_lost(
    browse: Any, db: AsyncSession, clock: Clock
) -> None:
    anna, ben, post_id = browse("anna"), browse("ben"), await id_of(db, f"{SECRET}-shared")
    mine = await open_editor(anna, post_id)
    kept = await numbers(db, post_id)

    async def write(words: str) -> int:
        mine["body"] += words
        told = (await autosave(anna, f"/studio/posts/{post_id}", mine)).json()
        mine["version"] = str(told["version"])
        return int(told["version"])

    for words in (" one", " two", " three"):
        last = await write(words)
    assert await numbers(db, post_id) == [*kept, last]
    assert (await body_of(db, post_id)).endswith("yet. one two three")
    his = await open_editor(ben, post_id)
    his["body"] = "At the top.\n\n" + his["body"]
    opened = last
    for words in (" four", " five"):
        last = await write(words)
    assert await numbers(db, post_id) == [*kept, opened, last], "Ben’s base stays"
    answer = await autosave(ben, f"/studio/posts/{post_id}", his)
    assert answer.status_code == 200, answer.text
    assert answer.json()["merged"] == {"body": await body_of(db, post_id)}
    assert answer.json()["people"] == ["Anna Author"]
    assert (await body_of(db, post_id)).startswith("At the top.")
    assert (await body_of(db, post_id)).endswith("one two three four five")
    merged = await db.scalar(select(Revision).order_by(Revision.id.desc()).limit(1))
    assert merged is not None
    people = await revisions.names_of(db, [merged.saved_by_id or 0, *merged.also_by])
    assert sorted(people.values()) == ["Anna Author", "Ben Byline"]
    last = await write(" six")
    clock.advance(11 * MINUTE)
    later = await write(" seven")
    assert (await numbers(db, post_id))[-2:] == [last, later]
    gone = await write("")
    assert gone == later, "nothing new is no revision"
    later = await write(" and on" * 50)
    mine["body"] = "Oh."
    await write("")
    assert later in await numbers(db, post_id), "a text that nearly vanished is kept as it was"


async def test_an_answer_that_was_lost_on_the_way_makes_no_conflict(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    form = await open_editor(anna, post_id)
    form["version"] = str((await autosave(anna, f"/studio/posts/{post_id}", form | {"body": "One"})).json()["version"])
    await autosave(anna, f"/studio/posts/{post_id}", form | {"body": "One two"})
    answer = await autosave(anna, f"/studio/posts/{post_id}", form | {"body": "One two three"})
    assert answer.status_code == 200
    assert await body_of(db, post_id) == "One two three"


async def test_a_half_typed_field_keeps_no_text_from_being_saved(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    form = await open_editor(anna, post_id)
    bad = {"authors": "nobo", "slug": "together", "canonical_url": "example", "title": "", "body": "New words"}
    answer = await autosave(anna, f"/studio/posts/{post_id}", form | bad)
    assert answer.status_code == 200, answer.text
    assert answer.json()["errors"].keys() == {"authors", "slug", "canonical_url", "title"}
    db.expire_all()
    post = await db.get_one(Post, post_id)
    assert await body_of(db, post_id) == "New words"
    assert (post.title, post.slug, post.canonical_url) == (form["title"], form["slug"], "")
    form = await open_editor(anna, post_id)
    bomb = "[a]: /" + "x" * 10_000 + "\n\n" + "[a] " * 20_000
    refused = await autosave(anna, f"/studio/posts/{post_id}", form | {"body": bomb})
    assert refused.status_code == 422
    assert "body" in refused.json()["errors"]


async def test_of_a_live_post_readers_see_nothing_until_it_is_updated(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    form = await open_editor(anna, post_id)
    before = (await browse().get("/posts/hello")).text
    version, updated = await site_version(db), (await db.get_one(Post, post_id)).updated_at
    form |= {"title": "Hello, moon", "body": "About the moon", "slug": "moon", "tags": "Sky", "authors": "nobo"}
    told = (await autosave(anna, f"/studio/posts/{post_id}", form)).json()
    assert (await browse().get("/posts/hello")).text == before
    assert (await browse().get("/posts/moon")).status_code == 404
    assert await site_version(db) == version
    db.expire_all()
    assert (await db.get_one(Post, post_id)).updated_at == updated
    assert "moon" not in (await db.scalars(select(SearchText.text).where(SearchText.post_id == post_id))).one()
    assert await db.scalar(select(func.count(Redirect.id))) == 0
    page = (await anna.get(f"/studio/posts/{post_id}")).text
    assert re.search(r"<p data-unseen>", page)
    again = fields_of(page)
    assert (again["title"], again["authors"], again["version"]) == ("Hello, moon", "nobo", str(told["version"]))
    refused = await anna.save(post_id, **again)
    assert refused.status_code == 422
    assert "Nobody writes here under the name nobo." in refused.text
    kept = await anna.save(post_id, **again, then="keep")
    assert "until you update the post" in (await anna.get(kept.headers["location"])).text
    again = await open_editor(anna, post_id) | {"authors": ""}
    assert (await anna.save(post_id, **again)).status_code == 303
    assert "About the moon" in (await browse().get("/posts/moon")).text
    assert (await browse().get("/posts/hello")).headers["location"] == "/posts/moon"
    assert await site_version(db) > version
    assert "<p data-unseen hidden>" in (await anna.get(f"/studio/posts/{post_id}")).text


async def test_a_working_copy_is_shown_or_taken_back_without_the_form(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    path = f"/studio/posts/{post_id}/working-copy"
    assert (await anna.post(f"{path}/delete")).status_code == 409
    form = await open_editor(anna, post_id) | {"body": "Second thoughts"}
    number = (await autosave(anna, f"/studio/posts/{post_id}", form)).json()["version"]
    assert (await anna.post(f"{path}/delete", {"version": number - 1})).status_code == 409
    assert (await anna.post(f"{path}/delete", {"version": number})).status_code == 303
    assert (await open_editor(anna, post_id))["body"] == "This is what *Hello, world* says."
    assert "Second thoughts" in (await anna.get(f"/studio/posts/{post_id}/revisions/{number}")).text
    form = await open_editor(anna, post_id) | {"body": "Third thoughts"}
    await autosave(anna, f"/studio/posts/{post_id}", form)
    assert (await anna.post(f"{path}/publication")).status_code == 303
    assert "Third thoughts" in (await browse().get("/posts/hello")).text


async def test_saving_a_draft_drops_no_page_of_the_cache(browse: Any, db: AsyncSession) -> None:
    anna, version = browse("anna"), await site_version(db)
    await anna.save(title="A new draft", body="words")
    await anna.save(await id_of(db, f"{SECRET}-draft"), title="T", body="words")
    assert await site_version(db) == version
    await anna.save(title="A new post", body="words", then="publish")
    assert await site_version(db) > version


async def test_changes_in_different_places_are_both_saved(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await id_of(db, "hello")
    mine, theirs = await open_editor(anna, post_id), await open_editor(ed, post_id)
    await ed.save(post_id, **theirs | {"tags": "Cooking, Python, Sea", "excerpt": "In short."})
    saved = await anna.save(post_id, **mine | {"body": mine["body"] + "\n\nAnd more.", "tags": "Python"})
    assert saved.status_code == 303
    assert "their changes are in it too" in (await anna.get(saved.headers["location"])).text
    now = await open_editor(anna, post_id)
    assert (now["tags"], now["excerpt"]) == ("Python, Sea", "In short.")
    assert now["body"].endswith("And more.")


async def test_what_both_changed_is_asked_part_by_part_and_nothing_is_lost(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await id_of(db, "hello")
    start = await open_editor(anna, post_id) | {"body": "One red car.\n\nMiddle.\n\nOne old house."}
    await anna.save(post_id, **start)
    mine, theirs = await open_editor(anna, post_id), await open_editor(ed, post_id)
    changed = {"title": "Hello from Ed", "body": "One green car.\n\nMiddle.\n\nOne grey house.\n\nThe end."}
    await ed.save(post_id, **theirs | changed)
    changed = {"title": "Hello from Anna", "body": "One blue car.\n\nMiddle!\n\nOne white house.", "tags": "Mine"}
    clash = await anna.save(post_id, **mine | changed)
    assert clash.status_code == 409
    for words in (
        "<mark>blue</mark>",
        "<mark>green</mark>",
        "<mark>white</mark>",
        "<mark>grey</mark>",
        "Ed Editor",
        "The end.",
    ):
        assert words in clash.text, words
    page = (await anna.get(f"/studio/posts/{post_id}/conflict")).text
    assert "choose what is to hold" in (await anna.get(f"/studio/posts/{post_id}")).text
    names = list(dict.fromkeys(re.findall(r'name="(choice-[^"]+)"', page)))
    assert len(names) == 3
    form = dict(re.findall(r'name="(version|clash)" value="(\d+)"', page))
    address = f"/studio/posts/{post_id}/conflict"
    unsure = await anna.post(address, form | {names[0]: "mine"})
    assert unsure.status_code == 422
    assert re.search(rf'name="{names[0]}" value="mine" required checked', unsure.text)
    chosen = form | {names[0]: "theirs", names[1]: "mine", names[2]: "both", "then": "update"}
    assert (await anna.post(address, chosen)).status_code == 303
    now = await open_editor(anna, post_id)
    assert now["title"] == "Hello from Ed"
    assert now["body"] == "One blue car.\n\nMiddle!\n\nOne white house.\n\nOne grey house.\n\nThe end."
    assert now["tags"] == "Mine"
    assert await db.scalar(select(func.count(Clash.id))) == 0
    assert (await anna.get(address)).status_code == 303
    assert (await anna.post(address, chosen)).status_code == 303


async def test_a_choice_that_comes_late_is_merged_in_turn(browse: Any, db: AsyncSession) -> None:
    anna, ed, post_id = browse("anna"), browse("ed"), await id_of(db, f"{SECRET}-draft")
    mine, theirs = await open_editor(anna, post_id), await open_editor(ed, post_id)
    await autosave(ed, f"/studio/posts/{post_id}", theirs | {"body": "Theirs"})
    answer = await autosave(anna, f"/studio/posts/{post_id}", mine | {"body": "Mine"})
    assert answer.status_code == 409
    page = (await anna.get(answer.json()["conflict"])).text
    form = dict(re.findall(r'name="(version|clash)" value="(\d+)"', page)) | {"choice-body-0": "mine"}
    theirs = await open_editor(ed, post_id)
    await ed.save(post_id, **theirs | {"title": "Another title"})
    assert (await anna.post(answer.json()["conflict"], form)).status_code == 303
    now = await open_editor(anna, post_id)
    assert (now["title"], now["body"]) == ("Another title", "Mine")
    mine, theirs = await open_editor(anna, post_id), await open_editor(ed, post_id)
    await autosave(ed, f"/studio/posts/{post_id}", theirs | {"body": "First"})
    await autosave(anna, f"/studio/posts/{post_id}", mine | {"body": "Second"})
    old = dict(re.findall(r'name="(version|clash)" value="(\d+)"', (await anna.get(answer.json()["conflict"])).text))
    await autosave(anna, f"/studio/posts/{post_id}", mine | {"body": "Second and more"})
    again = await anna.post(answer.json()["conflict"], old | {"choice-body-0": "mine"})
    assert again.status_code == 422, "what was chosen was another text"
    assert "and more" in again.text


@pytest.mark.parametrize("who", ["vera", "carl", "ben"])
async def test_nobody_else_gets_at_what_was_saved(browse: Any, db: AsyncSession, who: str) -> None:
    post_id = await id_of(db, f"{SECRET}-draft")
    path = f"/studio/posts/{post_id}"
    for address in (f"{path}/revisions", f"{path}/revisions/1", f"{path}/conflict"):
        assert (await browse(who).get(address)).status_code in {403, 404}
    for address in ("autosave", "presence", "conflict", "working-copy/delete", "working-copy/publication",
                    "revisions/1/restoration"):  # fmt: skip
        assert (await browse(who).post(f"{path}/{address}", {"title": "T", "version": "1"})).status_code in {403, 404}
    assert await numbers(db, post_id) == [1]


async def test_revisions_hold_all_fields_are_compared_and_restored(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, f"{SECRET}-draft")
    first = await open_editor(anna, post_id)
    more = {"description": "For machines", "canonical_url": "https://example.org/first", "visibility": "members"}
    await anna.save(
        post_id, **first | more | {"title": "New title", "body": "Nobody reads <b>of</b> it yet.", "language": "ru"}
    )
    listed = (await anna.get(f"/studio/posts/{post_id}/revisions")).text
    assert "words: +" in listed
    inline = (await anna.get(f"/studio/posts/{post_id}/revisions/2")).text
    side = (await anna.get(f"/studio/posts/{post_id}/revisions/2?view=side")).text
    for page in (inline, side):
        assert "<ins>members</ins>" in page
        assert "<ins>https://example.org/first</ins>" in page
        assert "<b>" not in page[page.index("<main") :].replace("<bdi>", "")
        assert "&lt;b&gt;" in page or "&lt;" in page
    assert (await anna.get(f"/studio/posts/{post_id}/revisions/1?with=2")).status_code == 200
    assert (await anna.get(f"/studio/posts/{post_id}/revisions/9")).status_code == 404
    assert (await anna.get(f"/studio/posts/{post_id}/revisions/2?with=9")).status_code == 404
    assert (await anna.post(f"/studio/posts/{post_id}/revisions/1/restoration")).status_code == 303
    now = await open_editor(anna, post_id)
    assert {name: now[name] for name in first if name not in {"version", "csrf_token"}} == {
        name: text for name, text in first.items() if name not in {"version", "csrf_token"}
    }
    assert await numbers(db, post_id) == [1, 2, 3]
    deeds = set(await db.scalars(select(Event.action).where(Event.subject_id == post_id, Event.subject == "post")))
    assert "post.revision_restored" in deeds


async def test_restoring_on_a_live_post_shows_readers_nothing_by_surprise(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    form = await open_editor(anna, post_id)
    await anna.save(post_id, **form | {"body": "Second words"})
    form = await open_editor(anna, post_id)
    await autosave(anna, f"/studio/posts/{post_id}", form | {"body": "Third words, not shown yet"})
    answer = await anna.post(f"/studio/posts/{post_id}/revisions/1/restoration")
    assert "until you update" in (await anna.get(answer.headers["location"])).text
    assert "Second words" in (await browse().get("/posts/hello")).text
    assert "Hello, world" in (await open_editor(anna, post_id))["body"]
    assert await numbers(db, post_id) == [1, 2, 3, 4], "what was not shown yet stays too"


async def test_who_has_a_post_open_is_told_and_forgotten(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, ben, post_id = browse("anna"), browse("ben"), await id_of(db, "together")
    await anna.get(f"/studio/posts/{post_id}")
    assert "Anna Author" in (await ben.get(f"/studio/posts/{post_id}")).text.split('class="presence"')[1][:400]
    assert (await anna.post(f"/studio/posts/{post_id}/presence")).json() == {"people": ["Ben Byline"]}
    clock.advance(2 * MINUTE)
    assert (await anna.post(f"/studio/posts/{post_id}/presence")).json() == {"people": []}
    assert await db.scalar(select(func.count()).select_from(Presence)) == 1


async def test_presence_writes_seldom(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    seen = select(Presence.seen_at)
    await anna.post(f"/studio/posts/{post_id}/presence")
    first = await db.scalar(seen)
    clock.advance(timedelta(seconds=5))
    await anna.post(f"/studio/posts/{post_id}/presence")
    assert await db.scalar(seen) == first
    clock.advance(timedelta(seconds=6))
    await anna.post(f"/studio/posts/{post_id}/presence")
    db.expire_all()
    assert await db.scalar(seen) != first


def hidden_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


async def sign_in_as(db: AsyncSession, username: str) -> dict[str, str]:
    from blog.auth.passwords import hash_password

    user = (await db.scalars(select(User).where(User.username == username))).one()
    user.password_hash = await hash_password("a long enough passphrase")
    await db.commit()
    return {"email": f"{username}@example.org", "password": "a long enough passphrase"}


@pytest.mark.parametrize("slug", ["hello", None])
async def test_a_sign_in_that_ends_in_mid_sentence_loses_no_word(
    browse: Any, db: AsyncSession, slug: str | None
) -> None:
    anna, secrets = browse("anna"), await sign_in_as(db, "anna")
    other = await sign_in_as(db, "ben")
    path = f"/studio/posts/{await id_of(db, slug)}" if slug else "/studio/posts"
    page = (await anna.get(path if slug else f"{path}/new")).text
    text = 'Line one.\n\nA "quoted" <b>line</b> & more.'
    form = fields_of(page) | {"title": "Half a title", "body": text, "then": "publish"}
    await db.execute(Login.__table__.delete())  # type: ignore[attr-defined]  # a table, not any FROM clause
    await db.commit()
    events = await db.scalar(select(func.count(Event.id)))
    assert (await autosave(anna, path, form)).status_code == 401
    assert "signed in" in (await autosave(anna, path, form)).json()["message"]
    asked = await anna.post(path, form)
    assert asked.status_code == 401
    assert "<b>line</b>" not in asked.text
    carried = hidden_of(asked.text)
    assert carried["body"] == text
    assert not {"then", "csrf_token", "password"} & carried.keys()
    wrong = await anna.post("/login", carried | secrets | {"password": "no"})
    assert (wrong.status_code, hidden_of(wrong.text)) == (422, carried)
    somebody = await anna.post("/login", carried | other)
    assert somebody.status_code == 422
    assert "begun by anna" in somebody.text
    assert "set-cookie" not in somebody.headers
    back = await anna.post("/login", carried | secrets)
    assert back.status_code == 200
    again = fields_of(back.text)
    assert (again["title"], again["body"], again["version"]) == ("Half a title", text, form["version"])
    assert "not saved yet" in back.text
    assert await db.scalar(select(func.count(Event.id))) == (events or 0) + 2, "only the wrong try and the sign-in"
    assert (await anna.post(path, again)).status_code == 303


async def test_a_form_of_an_earlier_sign_in_gives_the_text_back(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    form = await open_editor(anna, post_id) | {"body": "Words to keep", "csrf_token": "0" * 64}
    stale = await anna.post(f"/studio/posts/{post_id}", form)
    assert stale.status_code == 403
    assert "Go on writing" in stale.text
    again = await anna.post("/studio/resumption", hidden_of(stale.text))
    assert fields_of(again.text)["body"] == "Words to keep"
    foreign = await browse("ed").post(f"/studio/posts/{post_id}", form)
    assert foreign.status_code == 403
    assert hidden_of(foreign.text)["body"] == "Words to keep"
    assert 'name="password"' in foreign.text


async def test_who_may_no_longer_edit_gets_the_text_to_copy(browse: Any, db: AsyncSession) -> None:
    secrets = await sign_in_as(db, "ben")
    path = f"/studio/posts/{await id_of(db, f'{SECRET}-draft')}"
    fields = {"writer": "ben", "title": "T", "body": "Bens words", "next": path}
    answer = await browse().post("/login", fields | secrets)
    assert "Bens words" in answer.text
    assert SECRET not in answer.text


async def test_machines_are_told_where_a_post_appeared_first(browse: Any, db: AsyncSession) -> None:
    anna, post_id = browse("anna"), await id_of(db, "hello")
    form = await open_editor(anna, post_id)
    for bad in ("javascript:alert(1)", "//example.org/x", "/posts/x", "https://", "ftp://example.org/"):
        refused = await anna.save(post_id, **form | {"canonical_url": bad})
        assert (bad, refused.status_code) == (bad, 422)
    told = {"canonical_url": "https://example.org/first?a=1&b=2", "description": 'All "about" it'}
    assert (await anna.save(post_id, **form | told)).status_code == 303
    page = (await browse().get("/posts/hello")).text
    assert page.count('rel="canonical"') == 1
    assert '<link rel="canonical" href="https://example.org/first?a=1&amp;b=2">' in page
    assert '<meta property="og:url" content="https://example.org/first?a=1&amp;b=2">' in page
    assert page.count("All &#34;about&#34; it") == 2
    assert '"mainEntityOfPage": "https://example.org/first?a=1\\u0026b=2"' in page
    assert '"description": "All \\"about\\" it"' in page
