"""The interface in other languages: complete catalogs, pages without English left over, dates of each language."""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import html5lib
import pytest
import pytest_asyncio
import samples
from babel import Locale
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from blog import languages, policy
from blog.controllers.admin import overview
from blog.languages.offered import OFFERED
from blog.models import Post, Role, Site
from blog.settings import ROOT

CATALOGS = sorted(languages.CATALOGS.glob("*.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
TAG = re.compile(r"<[^>]+>")
UNSEEN = {"script", "style", "template", "code", "textarea"}
SPOKEN_ATTRIBUTES = ("aria-label", "title", "placeholder")


@pytest.fixture(scope="module")
def spoken() -> dict[tuple[str | None, str], tuple[str, ...]]:
    """Every sentence of the interface as `make messages` finds it: by context and singular, with its plural."""
    with (languages.CATALOGS / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = parse_keywords(re.findall(r"--keyword=(\S+)", (ROOT / "Makefile").read_text()))
    found = extract_from_dir(ROOT, methods, options, keywords)
    ids = ((context, (message,) if isinstance(message, str) else tuple(message)) for *_, message, _, context in found)
    return {(context, sentence[0]): sentence for context, sentence in ids}


def catalog(path: Any) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def as_tuple(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_a_catalog_holds_every_sentence_once_translated_and_none_that_is_gone(path: Any, spoken: Any) -> None:
    held = {(message.context, as_tuple(message.id)[0]): message for message in catalog(path) if message.id}
    assert spoken.keys() - held.keys() == set(), "run `make messages` and translate these"
    assert held.keys() - spoken.keys() == set(), "run `make messages`"
    for key, message in held.items():
        assert not message.fuzzy, key
        assert as_tuple(message.id) == spoken[key]
        forms = as_tuple(message.string)
        assert all(forms), f"not translated: {key}"
        assert len(forms) == (catalog(path).num_plurals if message.pluralizable else 1), key


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_translations_keep_what_is_not_words(path: Any) -> None:
    for message in catalog(path):
        if not message.id:
            continue
        for form in as_tuple(message.string):
            for pattern in (PLACEHOLDER, TAG):
                assert sorted(pattern.findall(form)) == sorted(pattern.findall(as_tuple(message.id)[-1])), form
            # Sentences stand in attributes too, and are filled in with the % operator.
            assert '"' not in TAG.sub("", form), form
            assert "%" not in PLACEHOLDER.sub("", form), form


def test_whatever_events_say_is_in_the_catalogs() -> None:
    deeds, details = set(), set()
    for path in (ROOT / "blog").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Event.about", "told_of"}:
                deeds |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
                details |= {keyword.arg for keyword in node.keywords if keyword.arg}
    assert deeds == set(overview.DEEDS)
    assert details == set(overview.DETAILS)
    assert {deed.split(".")[0] for deed in deeds} == {overview.BACKUP, *overview.SUBJECTS}


def test_every_role_has_a_name_in_the_catalogs() -> None:
    assert tuple(Role) == policy.ROLES


@pytest.fixture
def speak() -> Iterator[Any]:
    yield languages.speak
    languages.speak(languages.SOURCE)


def test_languages_do_not_mix_their_months(speak: Any) -> None:
    moment = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    written = {
        "ru": ("21 ноября 2026\N{NARROW NO-BREAK SPACE}г.", "ноябрь 2026\N{NARROW NO-BREAK SPACE}г.", "ноябрь"),
        "en": ("November 21, 2026", "November 2026", "November"),
        "zh-Hans": ("2026年11月21日", "2026年11月", "十一月"),
        "de": ("21. November 2026", "November 2026", "November"),
    }
    languages.language.cache_clear()
    for tag in (*written, *reversed(written)):
        speak(tag)
        assert (languages.day(moment), languages.month(moment), languages.month_name(moment)) == written[tag]


@pytest.mark.parametrize("tag", OFFERED)
def test_a_language_is_offered_by_its_own_name_and_written_its_own_way(tag: str) -> None:
    locale = Locale.parse(tag, sep="-")
    assert OFFERED[tag] == locale.get_display_name()
    assert languages.direction(tag) == locale.text_direction


def test_numbers_and_sizes_are_written_as_readers_write_them(speak: Any) -> None:
    speak("en")
    assert (languages.number(1000), languages.number(1.04), languages.size(1_234_567)) == ("1,000", "1.0", "1.2 MB")
    speak("ru")
    assert (languages.number(1000), languages.size(1_234_567)) == ("1\N{NO-BREAK SPACE}000", "1,2 МБ")


@pytest.mark.parametrize(("number", "words"), [(1, "1 запись"), (3, "3 записи"), (11, "11 записей"), (21, "21 запись")])
def test_russian_counts_in_three_forms(speak: Any, number: int, words: str) -> None:
    speak("ru")
    assert languages.ngettext("%(num)d post", "%(num)d posts", number) % {"num": number} == words


@pytest_asyncio.fixture
async def russian(app: Any, db: AsyncSession) -> AsyncIterator[None]:
    """The site in Russian, for one test."""
    (await db.scalars(select(Site))).one().language = "ru"
    await db.commit()
    app.house.forget_site()
    yield
    languages.speak(languages.SOURCE)


@pytest.mark.usefixtures("russian")
class TestRussianPages:
    async def test_signing_in(self, browse: Any) -> None:
        page = (await browse().get("/login")).text
        assert '<html lang="ru" dir="ltr">' in page
        assert "Войти" in page
        refused = await browse().post("/login", {"email": "anna@example.org", "password": ""})
        assert "Введите пароль." in refused.text
        assert (
            "Адрес и пароль не подходят друг к другу."
            in (await browse().post("/login", {"email": "anna@example.org", "password": "wrong"})).text
        )

    async def test_writing(self, browse: Any) -> None:
        anna = browse("anna")
        refused = await anna.save(title="", body="Hello")
        assert '<html lang="ru" dir="ltr">' in refused.text
        assert "Дайте записи заголовок." in refused.text
        assert "Ещё не сохранено" in refused.text
        too_long = await anna.save(title="x" * 1001, body="Hello")
        assert "не больше 250 символов, а введено 1\N{NO-BREAK SPACE}001" in too_long.text
        answer = await anna.save(title="A walk", body="one two three four five")
        editor = (await anna.get(answer.headers["location"])).text
        assert "Сохранено." in editor
        assert "5 слов · 1 минута чтения" in editor
        assert "Сохранено 12:00<" in editor
        assert "Черновик" in (await anna.get("/studio/posts")).text

    async def test_refusals_from_other_threads(self, browse: Any) -> None:
        nested = await browse("anna").save(title="Nested", body="> " * 200 + "deep")
        assert "списки или цитаты вложены глубже чем на 100 уровней" in nested.text
        drawing = {"file": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'", "image/svg+xml")}
        uploaded = await browse("anna").post("/studio/media", files=drawing)
        assert "Рисунок (SVG) повреждён" in uploaded.text
        portrait = {"picture": ("a.pdf", samples.PDF, "application/pdf")}
        assert "Это не изображение" in (await browse("anna").post("/account/picture", files=portrait)).text

    async def test_two_who_write_at_once(self, browse: Any) -> None:
        anna = browse("anna")
        post_id = int((await anna.save(title="Walk", body="one")).headers["location"].rsplit("/", 1)[1])
        await anna.save(post_id, title="Walk", body="two")
        conflict = await anna.save(post_id, title="Walk", body="three", version="1")
        assert conflict.status_code == 409
        assert (
            "Запись «<bdi>Walk</bdi>» сохранена 21 ноября 2026\N{NARROW NO-BREAK SPACE}г., 12:00 UTC" in conflict.text
        )

    async def test_ruling(self, browse: Any) -> None:
        ada = browse("ada")
        permissions = (await ada.get("/admin/permissions")).text
        assert "Читать открытые записи" in permissions
        assert '<th scope="col">редактор</th>' in permissions
        person = re.search(r"/admin/users/\d+", (await ada.get("/admin/users?q=carl")).text)
        assert person
        await ada.post(f"{person[0]}/role", {"role": "author"})
        assert "Роль изменена, все входы этого человека завершены." in (await ada.get(person[0])).text
        assert '<span class="pill">читатель</span>' in (await ada.get("/admin/users")).text
        events = (await ada.get("/admin/events")).text
        assert "<strong>Изменена роль:</strong> пользователь" in events
        assert "было: <bdi>участник</bdi>" in events

    async def test_errors(self, browse: Any) -> None:
        missing = await browse().get("/nowhere")
        assert missing.status_code == 404
        assert '<html lang="ru"' in missing.text
        assert "Страница не найдена" in missing.text
        assert "Вам это не разрешено" in (await browse("vera").get("/studio/posts")).text
        stale = await browse("anna").post("/studio/posts", {"csrf_token": "old"})
        assert "Эта форма устарела или не ваша" in stale.text
        foreign = await browse().post("/login", headers={"origin": "https://elsewhere.example"})
        assert "Эта форма отправлена с другого сайта." in foreign.text


PAGES = {
    None: ["/", "/posts/hello", "/posts/for-members", "/archive", "/archive/2026/11", "/tags", "/tags/python",
           "/authors/anna", "/search", "/search?q=hello", "/search?q=" + quote("пусто"), "/login", "/nowhere",
           "/password-reset", "/password-reset?done=asked", "/password-reset?done=changed", "/password-reset/ended"],
    "vera": ["/", "/account", "/account/sessions", "/account/mail", "/studio/posts"],
    "anna": ["/posts/hello", "/studio/posts", "/studio/posts/new", "/studio/posts?q=nothing", "/studio/media"],
    "ed": ["/studio/pages", "/studio/pages/new", "/studio/tags", "/studio/tags/1", "/studio/tags/merger?tag=1&tag=2",
           "/studio/posts/bulk?deed=publish&all=1", "/studio/posts/bulk?deed=untag&all=1", "/studio/posts/bulk?deed=delete&all=1"],
    "ada": ["/admin/users", "/admin/users?q=nobody", "/admin/permissions", "/admin/site", "/admin/events",
            "/admin/users/1", "/admin/users/2/deletion", "/admin/registrations", "/admin/redirects", "/admin/redirects/import", "/account",
            "/admin/invitations", "/admin/mail", "/admin/users/1/access", "/admin", "/admin/events?person=nobody",
            "/admin/events?since=soon", "/admin/transfers"],
}  # fmt: skip


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths])
async def test_no_page_says_in_english_what_it_can_say_in_russian(
    browse: Any, db: AsyncSession, spoken: Any, who: str | None, path: str
) -> None:
    titles = set(await db.scalars(select(Post.title)))
    page = (await browse(who).get(path)).text
    assert english_left(page, spoken, titles) == []


async def test_an_english_page_would_be_noticed(browse: Any, spoken: Any) -> None:
    left = english_left((await browse("anna").get("/studio/posts")).text, spoken, set())
    assert {"Desk", "Sign out", "Write a post", "All but trash"} < set(left)


@pytest.mark.usefixtures("russian")
async def test_no_state_of_a_post_is_told_in_english(browse: Any, db: AsyncSession, spoken: Any) -> None:
    found = list(await db.scalars(select(Post)))
    titles = {post.title for post in found}
    assert len({post.status for post in found}) == 4
    for post in found:
        for who in ("anna", "ed"):
            page = (await browse(who).get(f"/studio/posts/{post.id}")).text
            assert english_left(page, spoken, titles) == []


def english_left(page: str, spoken: Any, but: set[str]) -> list[str]:
    """Give the texts of a page that are English sentences of ours."""
    ids = {sentence.strip() for forms in spoken.values() for sentence in forms} - but
    patterns = [re.compile(".+".join(map(re.escape, re.split(r"%\(\w+\)[sd]", one)))) for one in ids]
    return [text for text in texts_of(page) if any(pattern.fullmatch(text) for pattern in patterns)]


def texts_of(page: str) -> Iterator[str]:
    """Give what a page says: its texts, and the attributes that are read out."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        said = [element.get(name) for name in SPOKEN_ATTRIBUTES] + [element.tail]
        if element.tag not in UNSEEN:
            said.append(element.text)
        for text in said:
            # A line may say several things, with dots between them.
            yield from (part for piece in (text or "").split(" · ") if (part := " ".join(piece.split())))


async def test_the_labels_within_a_post_are_in_its_own_language(browse: Any) -> None:
    body = "```\ncode\n```\n\n| a |\n|---|\n| b |\n\nNote[^1]\n\n[^1]: Foot.\n"
    for language, label in (("ru", "Пример кода 1"), ("", "Code sample 1")):
        saved = await browse("anna").save(
            title="Labels", slug=f"labels-{language}1", body=body, language=language, then="publish"
        )
        assert saved.status_code == 303
        assert f'aria-label="{label}"' in (await browse().get(f"/posts/labels-{language}1")).text
