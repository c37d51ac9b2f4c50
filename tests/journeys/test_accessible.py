"""Every template under axe-core (WCAG 2.2 AA and best practice), light and dark, and within 320 pixels."""

from typing import Any

import httpx
import pytest_asyncio
from axe import NARROW, WIDE, complaints, fine, width_of_contents
from live import SECONDS_TO_ANSWER, Site
from playwright.async_api import Page, expect

PASSWORD = "three green herons"
READERS = [
    "/", "/?page=2", "/posts/everything-in-one-post", "/posts/only-for-members", "/colophon", "/tags", "/tags/walking",
    "/authors/mei-lin", "/archive", "/archive/2026/10", "/search", "/search?q=light", "/search?q=zzz", "/nothing-here", "/login",
    "/register", "/register/thanks", "/password-reset", "/password-reset?done=asked", "/password-reset?done=changed",
]  # fmt: skip
WRITERS = [
    "/account", "/account/sessions", "/account/two-factor", "/account/two-factor/passkeys/new", "/account/mail",
    "/studio/posts", "/studio/posts?q=zzz", "/studio/posts/new", "/studio/posts/1", "/studio", "/studio/calendar",
    "/studio/posts?status=trashed", "/studio/posts/1/publication", "/studio/posts/1/revisions",
    "/studio/posts/1/revisions/1", "/studio/posts/1/revisions/1?view=side", "/studio/posts?since=soon",
    "/studio/posts?order=title&size=100&since=2020-01-01", "/studio/posts/bulk?post=1&post=2&deed=tag",
    "/studio/posts/bulk?deed=trash", "/studio/tags/merger?tag=1&tag=2",
    "/studio/reviews", "/studio/news", "/studio/posts/1/review", "/studio/posts/1/review?paragraph=2",
    "/studio/media", "/studio/media?q=zzz", "/studio/media/1", "/studio/pages", "/studio/pages/new", "/studio/tags", "/studio/tags/1",
    "/admin/users", "/admin/permissions", "/admin/events", "/admin/site", "/posts/only-for-members", "/studio",
    "/admin/users/1", "/admin/users/2/deletion", "/admin/registrations", "/admin/redirects",
    "/admin/redirects?q=zzz", "/admin/redirects/1", "/admin/redirects/import", "/admin/users/2/access",
    "/admin/invitations", "/admin/mail", "/admin", "/admin/events?person=nobody", "/admin/events?since=soon",
    "/admin/transfers", "/admin/transfers/1", "/admin/transfers/2",
]  # fmt: skip


@pytest_asyncio.fixture(scope="session")
async def session(site: Site) -> str:
    """Mei's session cookie, after she wrote a page and a post for members."""
    async with httpx.AsyncClient(base_url=site.url, headers={"origin": site.url}, timeout=SECONDS_TO_ANSWER) as mei:
        await mei.post("/login", data={"email": "mei@example.org", "password": PASSWORD})
        token = (await mei.get("/account")).text.split('name="csrf_token" value="')[1].split('"')[0]
        page = {"csrf_token": token, "title": "Colophon", "body": "Set in serifs.", "then": "publish"}
        assert (await mei.post("/studio/pages", data=page)).status_code == 303
        post = page | {"title": "Only for members", "visibility": "members", "excerpt": "Come in.", "tags": "Walking"}
        post |= {"published_at": "2026-10-02T10:00"}
        assert (await mei.post("/studio/posts", data=post)).status_code == 303
        settings = {"csrf_token": token, "footer": "Set in [serifs](/colophon).", "registration": "approval"}
        assert (await mei.post("/admin/site", data=settings)).status_code == 303
        asked = {"name": "Nora New", "email": "nora@example.org", "password": PASSWORD}
        assert (await mei.post("/register", data=asked | {"csrf_token": token})).status_code == 303
        redirect = {"csrf_token": token, "path": "/2019/colophon", "target": "/colophon"}
        assert (await mei.post("/admin/redirects", data=redirect)).status_code == 303
        for name, text in (("posts.zip", b"PK\x03\x04 and no more"), ("posts.json", b"{}")):
            upload = {"file": (name, text, "application/octet-stream")}
            answer = await mei.post("/admin/transfers", data={"csrf_token": token, "then": "rehearse"}, files=upload)
            assert answer.status_code == 303
        return mei.cookies["session"]


async def walk(page: Page, site: Site, paths: list[str]) -> dict[str, Any]:
    problems: dict[str, Any] = {}
    for path in paths:
        answer = await page.goto(site.url + path)
        if answer.status not in {200, 404, 422}:
            problems[path] = answer.status
        elif found := await complaints(page):
            problems[path] = found
        elif (width := await width_of_contents(page)) > NARROW["width"]:
            problems[path] = f"{width} pixels wide"
    return problems


async def test_what_readers_see_is_accessible(site: Site, session: str, window: Any) -> None:
    async with window(viewport=WIDE) as page:
        assert await walk(page, site, READERS) == {}


async def test_what_writers_and_admins_see_is_accessible(site: Site, session: str, window: Any) -> None:
    async with window(viewport=WIDE) as page:
        await page.context.add_cookies([{"name": "session", "value": session, "url": site.url}])
        assert await walk(page, site, WRITERS) == {}


async def test_the_navigation_of_the_desk_stays_on_its_lines(site: Site, session: str, window: Any) -> None:
    """At 1280 pixels everything is on one line, and the places of admins on a second; at 360 nothing hangs over."""
    for width, most in ((1280, 1), (360, 2)):
        async with window(viewport={"width": width, "height": 700}) as page:
            await page.context.add_cookies([{"name": "session", "value": session, "url": site.url}])
            for path in ("/studio", "/admin/users", "/account"):
                await page.goto(site.url + path)
                tops = "links => new Set(links.map(one => Math.round(one.getBoundingClientRect().top / 8))).size"
                own = page.locator(".desk-bar > .places:not(.admin-places) a, .yours > *:visible")
                assert await own.evaluate_all(tops) <= most, (path, width)
                assert await page.locator(".admin-places a").evaluate_all(tops) <= 1, (path, width)
                out = await page.get_by_role("button", name="Sign out").bounding_box()
                assert out
                assert out["x"] + out["width"] <= width, (path, width)
                assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_forms_that_were_refused_are_accessible(site: Site, session: str, window: Any) -> None:
    async with window(viewport=WIDE) as page:
        await page.context.add_cookies([{"name": "session", "value": session, "url": site.url}])
        for path, button in (("/studio/posts/new", "Save"), ("/admin/site", "Save"), ("/account", "Save profile")):
            await page.goto(site.url + path)
            name = page.get_by_label("Title" if path.startswith("/studio") else "Name").first
            await name.evaluate("field => field.removeAttribute('required')")
            await name.fill("")
            await page.get_by_role("button", name=button, exact=True).first.click()
            assert await page.get_by_role("alert").count() == 1, path
            assert await complaints(page) == [], path


async def test_choosing_a_cover_without_scripts_and_the_list_of_keys_are_accessible(
    site: Site, session: str, window: Any
) -> None:
    async with window(viewport=WIDE) as page:
        await page.context.add_cookies([{"name": "session", "value": session, "url": site.url}])
        await page.goto(f"{site.url}/studio/posts/1")
        await page.get_by_title("Keyboard shortcuts").click()
        assert await complaints(page) == []
        assert await width_of_contents(page) <= NARROW["width"]
        # As a browser without scripts sends it: its dialog opens on the click.
        send = "button => button.form.requestSubmit(button)"
        async with page.expect_navigation():
            await page.locator("[data-choose-cover]").evaluate(send)
        assert await page.locator("h1").inner_text() == "Choose a cover"
        assert await complaints(page) == []
        assert await width_of_contents(page) <= NARROW["width"]


async def test_two_versions_of_the_same_words_are_accessible(site: Site, session: str, window: Any) -> None:
    async with window(viewport=WIDE) as page:
        await page.context.add_cookies([{"name": "session", "value": session, "url": site.url}])
        await page.goto(f"{site.url}/studio/posts/new")
        await page.get_by_label("Title").fill("In two windows")
        await page.locator("#body").fill("As it was.")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.locator(".flash.done")).to_contain_text("Saved.")
        await page.evaluate(
            """async () => {
                const other = new URLSearchParams(new FormData(document.forms.editor));
                other.set("title", "In another window");
                other.set("body", "As it is there.");
                await fetch(document.forms.editor.action, { method: "POST", body: other });
            }"""
        )
        await page.get_by_label("Title").fill("In this window")
        await page.locator("#body").fill("As it is here.")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.locator("h1")).to_have_text("Somebody changed the same words")
        await expect(page.locator("fieldset.question")).to_have_count(2)
        await fine(page)


async def test_the_first_set_up_is_accessible(new_site: Site, window: Any) -> None:
    async with window(viewport=WIDE) as page:
        await page.goto(new_site.setup)
        assert await complaints(page) == []


async def test_a_reader_walks_through_everything_without_scripts(site: Site, session: str, window: Any) -> None:
    async with window(viewport=NARROW, java_script_enabled=False) as page:
        await page.goto(site.url)
        await page.get_by_role("link", name="Older").click()
        await page.locator("article h2 a").first.click()
        assert "/posts/" in page.url
        await page.get_by_role("navigation", name="The posts before and after").get_by_role("link").first.click()
        await page.get_by_role("link", name="Search").click()
        await page.get_by_label("Words to look for").fill("serif")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("link", name="Colophon").click()
        assert await page.locator("h1").inner_text() == "Colophon"
        await page.get_by_role("link", name="Archive").click()
        await page.locator(".months a").first.click()
        await page.get_by_role("button", name="Dark").click()
        assert await page.locator("html").get_attribute("data-theme") == "dark"
        paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(22, 20, 18)"
        await page.goto(f"{site.url}/posts/only-for-members")
        await page.get_by_role("link", name="Sign in").first.click()
        await page.get_by_label("E-mail address").fill("mei@example.org")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        assert await page.locator(".prose").inner_text() == "Set in serifs."


async def test_a_guest_comments_on_a_draft_and_approves_it_without_scripts(
    site: Site, session: str, window: Any
) -> None:
    """In a real browser: a page that sends no referrer has it hide the origin of the forms on that page, too."""
    async with window(viewport=WIDE) as page:
        await page.context.add_cookies([{"name": "session", "value": session, "url": site.url}])
        await page.goto(f"{site.url}/studio/posts/1")
        await page.get_by_role("button", name="Make a link").click()
        assert await complaints(page) == []
        link = await page.get_by_label("Secret link").input_value()
    async with window(viewport=WIDE) as page:
        await page.goto(link)
        assert await complaints(page) == []
        assert await width_of_contents(page) <= NARROW["width"]
    async with window(viewport=NARROW, java_script_enabled=False) as page:
        await page.goto(link)
        await page.get_by_role("link", name="Comment on paragraph 1", exact=True).click()
        await page.get_by_label("Your comment on this paragraph").fill("I was there too.")
        await page.locator("#write").get_by_label("Your name").fill("Gus")
        await page.get_by_role("button", name="Send").first.click()
        assert await page.get_by_role("status").inner_text() == "Thank you. Your comment was sent to the authors."
        assert "I was there too." in await page.locator(".prose .thread").inner_text()
        await page.get_by_text("Answer", exact=True).click()
        await page.get_by_label("Your answer").fill("And I took a picture.")
        await page.get_by_role("button", name="Send").first.click()
        await expect(page.locator(".prose .answer")).to_contain_text("And I took a picture.")
        await page.locator("#approval-name").fill("Gus")
        await page.get_by_role("button", name="I approve this text").click()
        assert "Approved by Gus" in await page.locator("main").inner_text()
        assert await page.context.cookies() == []
