"""A reader looks for words: in other forms, by their beginnings, together, in any script; nothing typed is an error."""

import re
from html import unescape
from typing import Any

import pytest
import pytest_asyncio
from cast import DAY, Clock, written
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.models import Kind, Post, SearchText, Site, User, Visibility
from blog.search import postgres, sqlite
from blog.search.excerpts import excerpt, marked
from blog.search.terms import parse

LIBRARY = {
    "Programming the harbour crane": "Its wheels were oiled. The crane lifts 20 tonnes of *marmalade*.",
    "A quiet morning": "Nobody was programming. The async-await café opens at seven; Anna's éclair is best.",
    "Version 1.70 of the loom": "It weaves C and Go; quicksilver runs through quicksand.",
    "日本語のテスト": "東京で桜を見ました。",
    "Новые правила": "Редакторы правили записи всю ночь.",
}


@pytest_asyncio.fixture
async def library(db: AsyncSession, clock: Clock) -> AsyncSession:
    """Some published posts with words that no other post has."""
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    for number, (title, body) in enumerate(LIBRARY.items()):
        post = written(anna, title, f"library-{number}", clock() - DAY, body=body)
        post.language = "ru" if number == 4 else "ja" if number == 3 else None
        post.publish(now=clock(), by=anna, at=clock() - DAY * (number + 1))
        db.add(post)
        await db.flush()
        words = str(post.markup.striptags())
        await search.take_in(db, post, words, search.document_of(post, words, "en"))
    await db.commit()
    return db


async def titles(browser: Any, q: str) -> list[str]:
    page = await browser.get("/search", params={"q": q})
    assert page.status_code == 200
    found = re.findall(r"<h2[^>]*><a [^>]*>(.*?)</a></h2>", page.text)
    return [unescape(re.sub("<[^>]+>", "", title)) for title in found]


WAYS_OF_ASKING = pytest.mark.parametrize(
    ("q", "number"),
    [
        ("marmalade", 0), ("MARMALADE", 0), ("wheel", 0), ("oiling", 0), ("lifted crane", 0), ("marma", 0),
        ("cafe", 1), ("CAFÉ", 1), ("eclair", 1), ('"async await"', 1), ("async-await", 1), ("Anna’s éclair", 1),
        ("1.70", 2), ("c go", 2), ("quick loom", 2), ("“quicksilver runs”", 2), ("quicksilver -marmalade", 2),
        ("日本", 3), ("東京", 3), ("правило", 4), ("редактор", 4), ("новых записей", 4),
    ],
)  # fmt: skip


@WAYS_OF_ASKING
async def test_each_way_of_asking_finds_its_post(library: Any, browse: Any, q: str, number: int) -> None:
    if number == 4:
        await library.execute(update(Site).values(language="ru"))
        await library.commit()
    browser = browse()
    browser.app.house.forget_site()
    assert await titles(browser, q) == [list(LIBRARY)[number]]


NOT_HELD = pytest.mark.parametrize(
    "q", ["marmalade -crane", '"await async"', "京東", "marmelade", "ogramming", "crane loom", "-crane", "g", '"']
)


@NOT_HELD
async def test_what_does_not_hold_all_of_it_is_not_found(library: Any, browse: Any, q: str) -> None:
    assert await titles(browse(), q) == []


async def test_a_title_counts_more_than_the_text(library: Any, browse: Any) -> None:
    assert await titles(browse(), "program") == ["Programming the harbour crane", "A quiet morning"]


async def test_what_was_looked_for_is_marked_in_title_and_excerpt(library: Any, browse: Any) -> None:
    page = (await browse().get("/search?q=crane+marmalade")).text
    assert "harbour <mark>crane</mark></a>" in page
    assert "tonnes of <mark>marmalade</mark>" in page


async def test_html_in_a_text_or_a_query_stays_text(browse: Any, db: AsyncSession, clock: Clock) -> None:
    response = await browse("anna").save(
        title="About <b>", body="The `<script>zorilla</script>` element", then="publish"
    )
    assert response.status_code == 303
    page = (await browse().get("/search", params={"q": "zorilla <b>"})).text
    assert "&lt;script&gt;<mark>zorilla</mark>" in page
    assert "<script>" not in page


async def test_a_saved_change_is_found_at_once_and_what_it_replaced_no_more(browse: Any, db: AsyncSession) -> None:
    post = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    saved = await browse("anna").save(post.id, title="Hello, world", slug="hello", body="A xylophone", tags="Brass")
    assert saved.status_code == 303
    assert await titles(browse(), "xylophone brass") == ["Hello, world"]
    assert await titles(browse(), '"this is what hello"') == []


async def test_a_page_is_found_and_a_withdrawn_post_is_not(browse: Any, db: AsyncSession) -> None:
    assert await titles(browse(), "pangolin") == ["About us"]
    hello = (await db.scalars(select(Post).where(Post.slug == "hello"))).one()
    assert (await browse("anna").post(f"/studio/posts/{hello.id}/publication/delete")).status_code == 303
    assert "Hello, world" not in await titles(browse(), "hello")


async def test_results_come_in_pages(browse: Any, db: AsyncSession, clock: Clock) -> None:
    anna = (await db.scalars(select(User).where(User.username == "anna"))).one()
    for number in range(13):
        post = written(anna, f"Walrus {number}", f"walrus-{number}", clock() - DAY)
        post.publish(now=clock(), by=anna)
        db.add(post)
        await db.flush()
        await search.take_in(db, post, "", search.document_of(post, "", "en"))
    await db.commit()
    first, second = (await titles(browse(), "walrus")), (await browse().get("/search?q=walrus&page=2")).text
    assert len(first) == 10
    assert second.count("<h2") == 3
    assert "13 results" in second
    for beyond in ("3", "0", "-1", "x", "99999999999999"):
        assert (await browse().get(f"/search?q=walrus&page={beyond}")).status_code == 404
    assert (await browse().get("/search?page=2")).status_code == 404


NASTY = ['"', "'", '""', "*", "a*", "^", "AND", "OR", "NOT", "NEAR(a b)", "{title}:a", "title:hello", "-", "--", "- -a", "a -a", "(", ")",
         "a & b", "a | !b", "<->", ":*", "a:*AB", "\\", "%", "_", "\0", "\x01", "a\tb\nc", "é", "e\u0301", "👩‍🚀", "ﬁ", "İ", "ß",
         "x" * 5000, "a " * 3000, '"' * 999, "\u202e", "न्यायालय", "ภาษาไทย", "שלום", "مرحبا", "1e309", "0x00", "'; DROP TABLE posts; --"]  # fmt: skip


@pytest.mark.parametrize("who", [None, "vera"])
async def test_nothing_that_can_be_typed_is_an_error(browse: Any, who: str | None) -> None:
    browser = browse(who)
    for q in NASTY:
        assert (await browser.get("/search", params={"q": q})).status_code == 200, q


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=40) | st.from_regex(r'[-"\w *:()&|!<>\']{0,30}', fullmatch=True))
@example(typed="-a b")
async def test_any_text_can_be_looked_for(browse: Any, typed: str) -> None:
    assert (await browse().get("/search", params={"q": typed.encode("utf-8", "replace").decode()})).status_code == 200


@given(st.text(max_size=300), st.text(max_size=40))
def test_marking_changes_no_letter_of_a_text(text: str, typed: str) -> None:
    terms = search.parse(typed, "en")
    assert "".join(words for words, _ in marked(text, terms, "en")) == text
    cut = "".join(words for words, _ in excerpt(text, terms, "en")).removeprefix("… ").removesuffix(" …")
    assert cut in text.replace("\n", " ")


async def test_posts_from_before_the_search_are_taken_in_and_another_language_is_indexed_anew(sessions: Any) -> None:
    import cast

    async with sessions() as db:
        await cast.enter(db, cast.TODAY)
        await db.execute(SearchText.__table__.delete())
        await db.commit()
        posts = len((await db.scalars(select(Post.id))).all())
    assert await search.catch_up(sessions, "en") == posts
    assert await search.catch_up(sessions, "en") == 0
    assert await search.catch_up(sessions, "ru") == posts
    async with sessions() as db:
        found = await search.results(db, None, cast.TODAY, search.parse("hello", "ru"), 1)
        assert found is not None
        assert found.items[0].post.title == "Hello, world"
        assert set(await db.scalars(select(SearchText.language))) == {"ru"}


async def test_a_members_page_in_search_shows_its_excerpt_only(browse: Any, db: AsyncSession) -> None:
    saved = await browse("ed").save(title="Inner circle", body="The quokka speaks", excerpt="About marsupials",
                                    visibility="members", then="publish")  # fmt: skip
    assert saved.status_code == 303
    assert await titles(browse(), "quokka") == []
    assert await titles(browse("vera"), "quokka") == ["Inner circle"]
    page = (await browse().get("/search?q=marsupial")).text
    assert "About <mark>marsupials</mark>" in page
    assert "quokka" not in page
    post = (await db.scalars(select(Post).where(Post.title == "Inner circle"))).one()
    assert (post.visibility, post.kind) == (Visibility.MEMBERS, Kind.POST)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("rare", "way"), [(2, "off"), (1, "on")])
@pytest.mark.parametrize("q", ["marmalade", '"crane lifts"', "crane -nowhere"])
async def test_postgresql_looks_a_rare_word_up_and_reads_through_the_newest_posts_for_others(
    library: AsyncSession, monkeypatch: pytest.MonkeyPatch, q: str, rare: int, way: str
) -> None:
    monkeypatch.setattr(postgres, "RARE", rare)  # one post holds each of these
    await postgres.choose_way(library, parse(q, "en"))
    assert await library.scalar(text("SHOW enable_seqscan")) == way
    assert await library.scalar(text("SHOW enable_indexscan")) == way


@pytest.fixture
def words_are_common(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite take every word that any post holds for one that most hold."""
    monkeypatch.setattr(sqlite, "COMMON", 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("written_out", [sqlite.MOST_WRITTEN_OUT, 0])
@WAYS_OF_ASKING
async def test_sqlite_finds_the_same_by_common_words(
    library: Any, browse: Any, words_are_common: None, monkeypatch: pytest.MonkeyPatch, q: str, number: int, written_out: int
) -> None:  # fmt: skip
    monkeypatch.setattr(sqlite, "MOST_WRITTEN_OUT", written_out)
    await test_each_way_of_asking_finds_its_post(library, browse, q, number)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@NOT_HELD
async def test_sqlite_finds_nothing_more_by_common_words(
    library: Any, browse: Any, words_are_common: None, q: str
) -> None:
    assert await titles(browse(), q) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", [None, "vera"])
async def test_of_common_words_those_in_the_title_count_most_and_then_newer_posts(
    browse: Any, words_are_common: None, clock: Clock, who: str | None
) -> None:
    ed = browse("ed")
    for title, excerpt_, body in [
        ("Tapirs eat figs", "", "Slowly."),  # in another form, and the eldest
        ("The fig tree", "", "A tapir sleeps under it."),
        ("A day out", "Of tapirs and figs", "Nothing."),
        ("Letters", "", "The tapir and the fig, the tapir and the fig."),
        ("Numbers", "", "One tapir, two figs."),
        ("Figures", "", "A tapir counts"),  # begins so too
    ]:
        saved = await ed.save(title=title, excerpt=excerpt_, body=body, then="publish")
        assert saved.status_code == 303
        clock.advance(DAY)
    found = ["Tapirs eat figs", "Figures", "The fig tree", "A day out", "Numbers", "Letters"]
    assert await titles(browse(who), "tapir fig") == found
    assert await titles(browse(who), "fig tapir -tree") == [title for title in found if "tree" not in title]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_sqlite_goes_through_no_more_posts_than_it_needs_for_a_common_word(
    library: AsyncSession, words_are_common: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = parse("quick -marmalade nobody", "en")
    way = await sqlite.choose_way(library, terms)
    assert way == sqlite.Way(
        is_common=True,
        words={"quick": ["quicksand", "quicksilv", "quicksilver"], "marmalade": ["marmalade"], "nobody": ["nobody"]},
    )
    asked = str(sqlite.matches(terms, way).compile(compile_kwargs={"literal_binds": True}))
    assert "bm25" not in asked, "it would count each word in all posts"
    assert '" *' not in asked, "all posts of a beginning would be put together first"
    monkeypatch.setattr(sqlite, "COMMON", 2)  # each of these words stands there twice: as it is, and as its stem
    assert await sqlite.choose_way(library, parse("quicksand marmalade", "en")) == sqlite.Way()
    assert (await sqlite.choose_way(library, parse("quick", "en"))).is_common
    assert "bm25" in str(sqlite.matches(terms, sqlite.Way()))
