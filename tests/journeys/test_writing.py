"""Writing with scripts: the toolbar and its keys, lists, pasting, pictures, the preview, and never losing a word."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from axe import WIDE, complaints, width_of_contents
from live import SECONDS_TO_ANSWER, Site
from playwright.async_api import Page, Route, expect

PASSWORD = "three green herons"
PAUSE = 3_100
"""Milliseconds after which a pause in typing counts as one."""
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest_asyncio.fixture(scope="session")
async def cookie(site: Site) -> str:
    """Mei's session."""
    async with httpx.AsyncClient(base_url=site.url, headers={"origin": site.url}, timeout=SECONDS_TO_ANSWER) as mei:
        await mei.post("/login", data={"email": "mei@example.org", "password": PASSWORD})
        return mei.cookies["session"]


class Server:
    """What autosaving meets: keeps what it was sent, and answers as a test wants."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.answer: tuple[int, dict[str, Any]] = (200, {"saved": "10:42", "version": 2, "people": [], "merged": None})
        self.arrived = asyncio.Event()

    async def take(self, route: Route) -> None:
        self.sent.append(dict(httpx.QueryParams(route.request.post_data or "")))
        status, data = self.answer
        await route.fulfill(status=status, body=json.dumps(data), content_type="application/json")
        self.arrived.set()


@pytest.fixture
def desk(site: Site, cookie: str, window: Any) -> Any:
    """Open the editor with a text in it: `async with desk("words") as (page, area)`."""

    @asynccontextmanager
    async def open_editor(
        text: str = "", server: Server | None = None, path: str = "/studio/posts/new", **how: Any
    ) -> AsyncIterator[tuple[Page, Any]]:
        async with window(**how) as page:
            await page.context.add_cookies([{"name": "session", "value": cookie, "url": site.url}])
            await page.route("**/autosave", (server or Server()).take)
            await page.goto(site.url + path)
            area = page.locator("#body")
            if text:
                await area.fill(text)
            yield page, area

    return open_editor


async def select(area: Any, words: str) -> None:
    await area.evaluate(
        """(area, words) => {
            const start = area.value.indexOf(words);
            area.focus();
            area.setSelectionRange(start, start + words.length);
        }""",
        words,
    )


async def paste(area: Any, **board: str) -> None:
    """Paste these kinds of content, as `plain` and `html`; the browser's own pasting happens where scripts let it."""
    await area.evaluate(
        """(area, board) => {
            area.focus();
            const data = new DataTransfer();
            for (const [kind, text] of Object.entries(board)) data.setData(`text/${kind}`, text);
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            if (area.dispatchEvent(event)) document.execCommand("insertText", false, board.plain ?? "");
        }""",
        board,
    )


async def test_the_toolbar_marks_words_and_undo_takes_it_back(desk: Any) -> None:
    async with desk("Herons stand still") as (page, area):
        bar = page.get_by_role("toolbar")
        await select(area, "stand")
        await bar.get_by_role("button", name="Bold").click()
        await expect(area).to_have_value("Herons **stand** still")
        await expect(area).to_be_focused()
        await page.keyboard.press("Control+i")
        await expect(area).to_have_value("Herons ***stand*** still")
        await page.keyboard.press("Control+b")
        await expect(area).to_have_value("Herons *stand* still")
        for _ in range(3):
            await page.keyboard.press("Control+z")
        await expect(area).to_have_value("Herons stand still")
        await page.keyboard.press("Control+Shift+z")
        await expect(area).to_have_value("Herons **stand** still")


@pytest.mark.parametrize(
    ("before", "chosen", "button", "after"),
    [
        ("one two", "two", "Link", "one [two]()"),
        ("see https://example.org", "https://example.org", "Link", "see [](https://example.org)"),
        ("one\ntwo\n", "one\ntwo\n", "List", "- one\n- two\n"),
        ("- one\n- two", "- one\n- two", "Numbered list", "1. one\n2. two"),
        ("1. one\n2. two", "1. one\n2. two", "Numbered list", "one\ntwo"),
        ("wise", "wise", "Quote", "> wise"),
        ("> wise", "wise", "Quote", "wise"),
        ("a b c", "b", "Code", "a `b` c"),
        ("x = 1\ny = 2", "x = 1\ny = 2", "Code", "```\nx = 1\ny = 2\n```"),
        ("Birds", "Birds", "Heading", "## Birds"),
        ("## Birds", "Birds", "Heading", "### Birds"),
        ("### Birds", "Birds", "Heading", "Birds"),
        ("So they say.", "say", "Footnote", "So they say[^1].\n\n[^1]: "),
        ("one\n\ntwo", "one\n\ntwo", "Bold", "**one**\n\n**two**"),
        ("$1 and $&", "$1 and $&", "Quote", "> $1 and $&"),
    ],
)
async def test_each_button_does_to_the_chosen_words_what_it_says(
    desk: Any, before: str, chosen: str, button: str, after: str
) -> None:
    async with desk(before) as (page, area):
        await select(area, chosen)
        await page.get_by_role("toolbar").get_by_role("button", name=button, exact=True).click()
        await expect(area).to_have_value(after)
        await page.keyboard.press("Control+z")
        if button == "Footnote":
            await page.keyboard.press("Control+z")
        await expect(area).to_have_value(before)


async def test_the_toolbar_is_one_stop_of_the_keyboard(desk: Any) -> None:
    async with desk("words") as (page, area):
        bar = page.get_by_role("toolbar")
        await bar.get_by_role("button", name="Bold").focus()
        for key, name in (
            ("ArrowRight", "Italic"),
            ("End", "Whole window"),
            ("ArrowRight", "Bold"),
            ("ArrowLeft", "Whole window"),
        ):
            await page.keyboard.press(key)
            await expect(bar.get_by_role("button", name=name, exact=True)).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Title")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await expect(bar.get_by_role("button", name="Whole window")).to_be_focused()
        await page.get_by_label("Title").focus()
        await page.keyboard.press("Enter")
        await expect(area).to_be_focused()


async def test_each_key_of_the_toolbar_does_what_its_button_does(desk: Any) -> None:
    async with desk() as (page, area):
        for keys, after in (
            ("Control+b", "one **word** more"), ("Control+i", "one *word* more"), ("Control+e", "one `word` more"),
            ("Control+k", "one [word]() more"), ("Control+Alt+2", "## one word more"),
            ("Control+Shift+9", "> one word more"), ("Control+Shift+8", "- one word more"),
            ("Control+Shift+7", "1. one word more"), ("Control+Alt+f", "one word[^1] more\n\n[^1]: "),
        ):  # fmt: skip
            await area.fill("one word more")
            await select(area, "word")
            await page.keyboard.press(keys)
            await expect(area).to_have_value(after)
        await expect(page.get_by_role("dialog")).to_have_count(0)
        # With nothing chosen the same key leads elsewhere.
        await area.fill("nothing chosen ")
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("dialog", name="Go to")).to_be_visible()
        await expect(area).to_have_value("nothing chosen ")


async def test_enter_goes_on_with_a_list_and_tab_leaves_the_text(desk: Any) -> None:
    async with desk("- bread") as (page, area):
        await area.press("End")
        await page.keyboard.type("\nmilk\n\nThen")
        await expect(area).to_have_value("- bread\n- milk\nThen")
        await area.fill("9. nine")
        await area.press("End")
        await page.keyboard.press("Enter")
        await expect(area).to_have_value("9. nine\n10. ")
        await area.fill("> - [x] done")
        await area.press("End")
        await page.keyboard.press("Enter")
        await expect(area).to_have_value("> - [x] done\n> - [ ] ")
        await area.fill("```\n- code")
        await area.press("End")
        await page.keyboard.press("Enter")
        await expect(area).to_have_value("```\n- code\n")
        await area.fill("- one\n- two")
        await area.press("End")
        await page.keyboard.press("Tab")
        await expect(area).to_have_value("- one\n  - two")
        await page.keyboard.press("Shift+Tab")
        await expect(area).to_have_value("- one\n- two")
        await page.keyboard.press("Control+z")
        await expect(area).to_have_value("- one\n  - two")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Tab")
        await expect(area).not_to_be_focused()
        await expect(area).to_have_value("- one\n  - two")
        await area.fill("no list")
        await page.keyboard.press("Tab")
        await expect(area).not_to_be_focused()
        await expect(area).to_have_value("no list")


RICH = """<meta charset="utf-8"><style>p { color: red }</style><b style="font-weight:normal" id="docs-internal-guid-1">
<h1>A walk</h1><p>Under <strong>tall </strong>and <span style="font-weight:700;font-style:italic">old</span> trees,
<a href="https://example.org/a_(b)">said</a> she.<br>2 * 3 &lt; 7</p>
<ul><li>one</li><li><p>two</p><ol start="3"><li>three</li></ol></li></ul><blockquote><p>wise</p><p>words</p></blockquote>
<pre><code class="language-python">a = 1
b = "*"
</code></pre><p><img src="https://example.org/a.png" alt="A heron"> <img src="file:///c:/x.png"></p><hr>
<table><tr><th>a</th><th>b|c</th></tr><tr><td><b>1</b></td><td>2</td></tr></table><script>alert(1)</script></b>"""
MARKDOWN = """## A walk

Under **tall** and ***old*** trees, [said](<https://example.org/a_(b)>) she.\\
2 \\* 3 \\< 7

- one
- two
  3. three

> wise
>
> words

```python
a = 1
b = "*"
```

![A heron](https://example.org/a.png)

---

| a | b\\|c |
| --- | --- |
| **1** | 2 |"""


async def test_what_is_pasted_becomes_markdown(desk: Any) -> None:
    async with desk("See the herons") as (page, area):
        await select(area, "herons")
        await paste(area, plain="https://example.org/herons\n")
        await expect(area).to_have_value("See the [herons](https://example.org/herons)")
        await page.keyboard.press("Control+z")
        await expect(area).to_have_value("See the herons")
        await area.fill("")
        await paste(area, plain="A walk …", html=RICH)
        await expect(area).to_have_value(MARKDOWN)
        await page.keyboard.press("Control+z")
        await expect(area).to_have_value("")
        await paste(area, plain="one_two *x*", html="<span>one_two *x*</span>")
        await expect(area).to_have_value("one_two *x*")
        await area.fill("```\n")
        await area.press("Control+End")
        await paste(area, plain="bold", html="<b>bold</b>")
        await expect(area).to_have_value("```\nbold")


async def test_pictures_are_uploaded_where_they_are_dropped(desk: Any) -> None:
    async with desk("Before.\n\nAfter.") as (page, area):
        goes_on = asyncio.Event()
        heron = (201, {"url": "/media/a.png", "name": "heron.png", "alt": "", "markdown": "![](/media/a.png)"})
        answers = [heron, (422, {"error": "This picture is broken."}), heron]

        async def upload(route: Route) -> None:
            await goes_on.wait()
            status, data = answers.pop(0)
            assert route.request.headers["accept"] == "application/json"
            assert b'name="csrf_token"' in (route.request.post_data_buffer or b"")
            await route.fulfill(status=status, body=json.dumps(data), content_type="application/json")

        await page.route("**/studio/media", upload)
        await area.evaluate("area => { area.focus(); area.setSelectionRange(7, 7) }")
        await area.evaluate(
            """(area, bytes) => {
                const data = new DataTransfer();
                for (const name of ["heron.png", "broken.png", "pond.png"])
                    data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
                area.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }""",
            list(DOT),
        )
        await expect(area).to_have_value("Before.\n\n![Uploading heron.png…]()\n\n![Uploading broken.png…]()\n\n![Uploading pond.png…]()\n\nAfter.")  # fmt: skip
        await expect(page.get_by_role("progressbar")).to_be_visible()
        goes_on.set()
        told = page.locator("[data-uploads]")
        await expect(told.get_by_role("status")).to_have_text(
            "Uploaded pond.png. Say what it shows between its brackets."
        )
        await expect(told.get_by_role("alert")).to_have_text("broken.png was not uploaded. This picture is broken.")
        await expect(area).to_have_value(re.compile(r"^Before\.(\n+!\[\]\(/media/a\.png\)){2}\n+After\.$"))
        await told.get_by_role("button", name="Close").click()
        await expect(told).to_be_hidden()
        await expect(area).to_be_focused()


async def test_the_preview_stands_beside_the_text_and_follows_it(desk: Any) -> None:
    text = "# Pond {#body}\n\n" + "\n\n".join(f"Paragraph {number}, with *words*." for number in range(80))
    async with desk(text, viewport={"width": 1280, "height": 800}) as (page, area):
        await page.get_by_label("Title").fill("At the pond")
        await area.focus()
        await page.keyboard.press("Control+Enter")
        pane = page.get_by_role("region", name="Preview")
        await expect(pane.locator("h1")).to_have_text("At the pond")
        await expect(pane.locator("em").first).to_have_text("words")
        await expect(pane.locator("p")).to_have_count(80)
        await area.evaluate("area => area.scrollTo(0, area.scrollHeight)")
        await expect(pane.get_by_text("Paragraph 79,")).to_be_in_viewport()
        await pane.evaluate("pane => (pane.shadowRoot.querySelector('p').isOld = true)")
        await area.press("Control+End")
        await page.keyboard.type("\n\nThe **last** one.")
        await expect(pane.locator("strong")).to_have_text("last")
        assert await pane.evaluate("pane => pane.shadowRoot.querySelector('p').isOld"), "what is the same stays"
        await expect(page.get_by_role("button", name="Preview beside the text")).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.keyboard.press("Control+Shift+F")
        await expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def test_the_preview_stands_at_the_paragraph_that_one_reads(desk: Any) -> None:
    """However much of the text readers do not see, such as a long list of addresses, and whatever needs more room."""
    addresses = "\n".join(f"[a{number}]: https://example.org/{number}" for number in range(120))
    words = [f"[Paragraph](#p) {number}, {'with words, ' * 12}and *more*." for number in range(60)]
    text = "\n\n".join([*words[:20], addresses, *words[20:]])
    async with desk(text, viewport={"width": 1280, "height": 800}) as (page, area):
        await area.focus()
        await page.keyboard.press("Control+Enter")
        pane = page.get_by_role("region", name="Preview")
        await expect(pane.locator("p")).to_have_count(60)
        for number in (12, 35, 50):
            await area.evaluate(
                """(area, number) => {
                    const at = area.value.indexOf(`) ${number},`);
                    const whole = area.value;
                    area.value = whole.slice(0, at);
                    const top = area.scrollHeight;
                    area.value = whole;
                    area.scrollTop = top - 30;
                }""",
                number,
            )
            shown = pane.locator("p").nth(number)
            await expect(shown).to_be_in_viewport()
            await page.wait_for_timeout(200)
            inner = """(paragraph) => paragraph.getBoundingClientRect().top
                - document.querySelector("[data-preview]").getBoundingClientRect().top"""
            assert abs(await shown.evaluate(inner)) < 150, number


async def test_words_are_counted_while_they_are_written(desk: Any) -> None:
    async with desk("") as (page, area):
        state = page.locator("[data-count]")
        await expect(state).to_have_text("0 words · 1 min read")
        await area.fill("One [link](https://example.org/x) and `code`.\n\n日本語")
        await expect(state).to_have_text("7 words · 1 min read")
        await area.fill("word " * 1150)
        await expect(state).to_have_text("1,150 words · 5 min read")


async def test_autosave_saves_after_a_pause_and_gives_a_new_post_its_address(desk: Any, site: Site) -> None:
    server = Server()
    server.answer = (201, {"saved": "10:42", "version": 1, "address": "/studio/posts/12", "autosave": "/studio/posts/12/autosave", "people": ["Ben"], "merged": None})  # fmt: skip
    async with desk("", server) as (page, area):
        await page.clock.install()
        await page.reload()
        await page.get_by_label("Title").fill("Herons")
        await area.fill("They stand.")
        state = page.locator("[data-saving]")
        await page.clock.run_for(PAUSE)
        await expect(state).to_contain_text("Saved 10:42")
        assert [(sent["title"], sent["body"]) for sent in server.sent] == [("Herons", "They stand.")]
        assert server.sent[0]["csrf_token"]
        assert page.url == f"{site.url}/studio/posts/12"
        await expect(page.locator("#editor")).to_have_attribute("action", "/studio/posts/12")
        await expect(page.get_by_text("Ben has this open too")).to_be_visible()
        await expect(page.locator("[data-new]")).to_have_text("Draft")
        server.answer = (200, {"saved": "10:43", "version": 2, "people": [], "merged": {"body": "They stand.\n\nBen’s line."}})  # fmt: skip
        await area.press("Home")
        await page.keyboard.type("Here: ")
        for _ in range(3):
            await page.clock.run_for(1000)
            await page.keyboard.type("x")
        await page.clock.run_for(PAUSE)
        await expect(page.locator("[name=version]").first).to_have_value("2")
        assert server.sent[-1]["version"] == "1"
        assert server.sent[-1]["body"] == "Here: xxxThey stand."
        await expect(area).to_have_value("They stand.\n\nBen’s line.")


async def test_what_others_wrote_is_put_in_without_moving_the_cursor(desk: Any) -> None:
    server = Server()
    async with desk("", server) as (page, area):
        await page.clock.install()
        await page.reload()
        await area.fill("First.\n\nLast")
        await area.press("Control+End")
        server.answer = (200, {"saved": "10:43", "version": 5, "merged": {"body": "First, said Ben.\n\nLast"}})
        await page.clock.run_for(PAUSE)
        await expect(area).to_have_value("First, said Ben.\n\nLast")
        await expect(page.locator("[data-saving]")).to_contain_text("what others wrote meanwhile was put in")
        await page.keyboard.type(" word")
        await expect(area).to_have_value("First, said Ben.\n\nLast word")


async def test_without_the_network_words_stay_in_the_browser_and_are_sent_later(desk: Any, site: Site) -> None:
    async with desk() as (page, area):
        await page.unroute_all()
        await page.clock.install()
        await page.reload()
        line = await page.context.new_cdp_session(page)

        async def cut(offline: bool) -> None:
            await line.send("Network.enable")
            await line.send("Network.emulateNetworkConditions", {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})  # fmt: skip

        await cut(True)
        await page.get_by_label("Title").fill("Far from the net")
        await area.fill("Words on a boat.")
        await page.clock.run_for(PAUSE)
        state = page.locator("[data-saving]")
        await expect(state).to_contain_text("Offline: kept in this browser")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(area).to_have_value("Words on a boat.")
        kept = await page.evaluate("Object.entries(localStorage)")
        assert len(kept) == 1
        assert "Words on a boat." in kept[0][1]
        server = Server()
        await page.route("**/autosave", server.take)
        await cut(False)
        await page.clock.run_for(PAUSE)
        await expect(state).to_contain_text("Saved 10:42")
        assert server.sent[-1]["body"] == "Words on a boat."
        assert await page.evaluate("localStorage.length") == 0


async def test_a_kept_copy_is_offered_compared_taken_or_discarded(desk: Any, site: Site) -> None:
    server = Server()
    server.answer = (503, {})
    async with desk("", server, path="/studio/posts/1") as (page, area):
        saved = await area.input_value()
        await page.clock.install()
        await page.reload()
        for taken in (False, True):
            await area.fill(f"{saved}\n\nA line of the night.{' ' * taken}")
            await page.clock.run_for(20_000)
            await expect(page.locator("[data-saving]")).to_contain_text("The server cannot save just now")
            other = await page.context.new_page()
            await other.route("**/autosave", server.take)
            await other.goto(f"{site.url}/studio/posts/1")
            offer = other.get_by_role("region", name=re.compile("This browser kept words of"))
            await expect(offer).to_be_visible()
            await offer.get_by_text("Compare").click()
            await expect(offer.locator("ins")).to_contain_text(["", "A line of the night."])
            if taken:
                await offer.get_by_role("button", name="Take these words").click()
                await expect(other.locator("#body")).to_have_value(f"{saved}\n\nA line of the night. ")
            else:
                await offer.get_by_role("button", name="Discard them").click()
                await expect(other.locator("#body")).to_have_value(saved)
            await expect(offer).to_be_hidden()
            await other.close()
        await area.fill(saved)


async def test_nobody_else_on_this_browser_finds_the_copy(desk: Any, site: Site) -> None:
    async with desk() as (page, _):
        await page.evaluate("localStorage.setItem('unsaved somebody-else /studio/posts/new x', '{}')")
        await page.evaluate("localStorage.setItem('unsaved mei-lin /studio/posts/9 x', '{\"fields\": {}}')")
        await page.goto(f"{site.url}/studio/media")
        assert await page.evaluate("Object.keys(localStorage)") == ["unsaved mei-lin /studio/posts/9 x"]
        await page.evaluate(
            "document.querySelector('[data-sign-out]').addEventListener('submit', event => event.preventDefault())"
        )
        await page.get_by_role("button", name="Sign out").click()
        assert await page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {"message": "Sign in."}), "Your session has ended: sign in in another tab"),
        ((503, {}), "The server cannot save just now: kept in this browser"),
        ((404, {}), "This cannot be saved here any more"),
        ((422, {"errors": {"title": "Give the post a title."}}), "Not saved yet: Give the post a title."),
        (
            (409, {"conflict": "/studio/posts/1/conflict", "message": "Ben saved."}),
            "Somebody else saved the same words",
        ),
    ],
)
async def test_what_autosave_says_is_true(desk: Any, site: Site, answer: Any, sentence: str) -> None:
    server = Server()
    server.answer = answer
    async with desk("", server) as (page, area):
        await page.clock.install()
        await page.reload()
        await area.fill("Words")
        await page.clock.run_for(PAUSE)
        await expect(page.locator("[data-saving]")).to_contain_text(sentence)
        kept = await page.evaluate("Object.values(localStorage).join()")
        assert ("Words" in kept) == (answer[0] != 409), "of what met another's words the server keeps both"
        link = page.get_by_role("link", name="See both")
        if answer[0] == 409:
            await expect(link).to_have_attribute("href", "/studio/posts/1/conflict")
        else:
            await expect(link).to_be_hidden()


async def test_after_signing_in_again_in_another_tab_writing_goes_on(desk: Any, site: Site) -> None:
    server = Server()
    server.answer = (401, {})
    async with desk("", server) as (page, area):
        await page.clock.install()
        await page.reload()
        await page.evaluate("for (const field of document.querySelectorAll('[name=csrf_token]')) field.value = 'old'")
        await area.fill("Words")
        await page.clock.run_for(PAUSE)
        await expect(page.locator("[data-saving]")).to_contain_text("Your session has ended")
        assert server.sent[-1]["csrf_token"] == "old"
        server.answer = (403, {})
        arrived = server.arrived
        arrived.clear()
        await page.clock.run_for(PAUSE)
        await arrived.wait()
        server.answer = (200, {"saved": "10:50", "version": 1})
        await expect(page.locator("[data-saving]")).to_contain_text("Saved 10:50")
        assert server.sent[-1]["csrf_token"] != "old"


async def test_leaving_is_guarded_only_while_something_is_unsaved(desk: Any, site: Site) -> None:
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    async with desk(on_dialog=stay) as (page, area):
        await page.clock.install()
        await page.reload()
        await area.click()
        await page.keyboard.type("Words")
        await page.evaluate("setTimeout(() => location.assign('/studio/media'), 0)")
        await page.clock.run_for(100)
        await expect.poll(lambda: asked).to_equal(["beforeunload"]) if hasattr(
            expect, "poll"
        ) else await page.wait_for_timeout(300)
        assert asked == ["beforeunload"]
        await expect(area).to_have_value("Words")
        await page.clock.run_for(PAUSE)
        await expect(page.locator("[data-saving]")).to_contain_text("Saved 10:42")
        await page.goto(f"{site.url}/studio/media")
        assert asked == ["beforeunload"]


async def test_saving_keeps_the_place_and_asks_nothing(desk: Any, site: Site) -> None:
    async with desk(path="/studio/posts/1") as (page, area):
        await area.click()
        await area.press("Control+Home")
        await page.keyboard.type("Well. ")
        await page.keyboard.press("Control+s")
        await expect(page.locator(".flash.done")).to_contain_text("Saved.")
        await expect(area).to_be_focused()
        await page.keyboard.type("So. ")
        await expect(area).to_have_value(re.compile("^Well. So. "))
        await area.evaluate("area => { area.value = area.defaultValue }")


async def test_what_is_to_mend_is_chosen_and_in_sight(desk: Any, site: Site) -> None:
    async with desk(viewport={"width": 1280, "height": 800}) as (page, area):
        await page.get_by_label("Title").fill("To mend")
        await area.fill("\n\n".join([*["A line."] * 60, "See [this](/posts/nowhere).", *["A line."] * 60]))
        await page.get_by_role("button", name="Review and publish").click()
        await page.get_by_role("link", name="Line 121").click()
        await expect(area).to_be_focused()
        await page.wait_for_load_state("load")
        chosen = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
        assert await area.evaluate(chosen) == "See [this](/posts/nowhere)."
        top = await area.evaluate(
            "area => area.getBoundingClientRect().top + 120 * parseFloat(getComputedStyle(area).lineHeight)"
        )
        assert 150 < top < 600


async def test_tags_are_suggested_in_their_field(desk: Any) -> None:
    async with desk() as (page, _):

        async def suggest(route: Route) -> None:
            query = httpx.URL(route.request.url).params
            assert query["kind"] == "tag"
            items = [{"value": name, "label": name, "address": "/studio/tags/1"} for name in ("Walking", "Water") if name.lower().startswith(query["q"])]  # fmt: skip
            await route.fulfill(body=json.dumps({"items": items}), content_type="application/json")

        await page.route("**/studio/suggestions*", suggest)
        field = page.get_by_role("combobox", name="Tags")
        await field.focus()
        await page.keyboard.type("Birds, wa")
        options = page.locator("#tags-options").get_by_role("option")
        await expect(options).to_have_text(["Walking", "Water"])
        await expect(field).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        chosen = options.get_by_text("Water")
        await expect(chosen).to_have_attribute("aria-selected", "true")
        assert await field.get_attribute("aria-activedescendant") == await chosen.get_attribute("id")
        await page.keyboard.press("Enter")
        await expect(field).to_have_value("Birds, Water, ")
        await page.keyboard.type("wa")
        await expect(options).to_have_text(["Walking"])
        await page.keyboard.press("Escape")
        await expect(options).to_have_count(0)
        await expect(field).to_have_value("Birds, Water, wa")


async def test_the_palette_leads_anywhere(desk: Any, site: Site) -> None:
    async with desk(path="/studio/media") as (page, _):

        async def suggest(route: Route) -> None:
            query = httpx.URL(route.request.url).params
            items = [{"value": "Pond", "label": "Pond", "address": "/studio/posts/1"}]
            items = items if query["kind"] == "post" and query["q"] == "pond" else []
            await route.fulfill(body=json.dumps({"items": items}), content_type="application/json")

        await page.route("**/studio/suggestions*", suggest)
        await page.keyboard.press("Control+k")
        box = page.get_by_role("dialog", name="Go to")
        await expect(box.get_by_role("combobox")).to_be_focused()
        await expect(box.get_by_role("option").first).to_have_text("Write a post")
        await page.keyboard.press("Escape")
        await expect(box).to_be_hidden()
        await page.keyboard.press("Control+k")
        await page.keyboard.type("peo")
        await expect(box.get_by_role("option")).to_have_text(["People"])
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{site.url}/admin/users")
        await page.get_by_role("button", name="Go to").click()
        await page.keyboard.type("pond")
        await expect(box.get_by_role("option")).to_have_text(["Pond"])
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{site.url}/studio/posts/1")


async def test_without_scripts_the_form_is_whole(site: Site, cookie: str, window: Any) -> None:
    async with window(java_script_enabled=False) as page:
        await page.context.add_cookies([{"name": "session", "value": cookie, "url": site.url}])
        await page.goto(f"{site.url}/studio/posts/new")
        await expect(page.get_by_role("toolbar")).to_be_hidden()
        for label, text in (
            ("Title", "By hand"),
            ("Text, in Markdown", "Plain *words*."),
            ("Tags", "Birds"),
            ("Excerpt", "Short."),
            ("Address", "by-hand"),
        ):
            await page.get_by_label(label).fill(text)
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("status").first).to_contain_text("Saved.")
        await expect(page.get_by_label("Text, in Markdown")).to_have_value("Plain *words*.")
        await expect(page.get_by_label("Tags")).to_have_attribute("list", "known-tags")


async def test_the_editor_is_accessible_in_each_of_its_states(desk: Any, site: Site) -> None:
    server = Server()
    server.answer = (503, {})
    async with desk("## Herons\n\n- They *stand*", server, viewport=WIDE) as (page, _):
        walking = {"items": [{"value": "Walking", "label": "Walking", "address": "/studio/tags/1"}]}
        await page.route("**/studio/suggestions*", lambda route: route.fulfill(json=walking))
        await expect(page.locator("[data-saving]")).to_contain_text("The server cannot save just now")

        async def is_fine(state: str) -> None:
            # Within the preview axe would read styles in a way that the page does not allow.
            assert await complaints(page, preload=False) == [], state
            assert await width_of_contents(page) <= 320, state

        await is_fine("writing")
        await page.get_by_role("button", name="Preview beside the text").click()
        await expect(page.get_by_role("region", name="Preview").locator("em")).to_be_visible()
        await is_fine("with the preview")
        await page.get_by_role("button", name="Whole window").click()
        await is_fine("in the whole window")
        await page.keyboard.press("Escape")
        await page.get_by_role("combobox", name="Tags").press_sequentially("wal")
        await expect(page.locator("#tags-options").get_by_role("option")).to_have_count(1)
        await is_fine("with suggestions")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("p")
        await expect(page.get_by_role("dialog").get_by_text("Walking").first).to_be_visible()
        await is_fine("with the palette")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        other = await page.context.new_page()
        await other.set_viewport_size(WIDE)
        await other.goto(f"{site.url}/studio/posts/new")
        await other.get_by_text("Compare").click()
        assert await complaints(other) == []
        assert await width_of_contents(other) <= 320


async def test_whoever_asks_for_less_motion_gets_none(desk: Any) -> None:
    async with desk(reduced_motion="reduce") as (page, _):
        await page.get_by_role("button", name="Go to").click()
        assert await page.evaluate("document.getAnimations().length") == 0


async def test_posts_and_tags_are_found_by_what_the_server_suggests(desk: Any, site: Site) -> None:
    async with desk() as (page, _):
        field = page.get_by_role("combobox", name="Tags")
        await field.press_sequentially("how")
        await page.locator("#tags-options").get_by_text("How-to").click()
        await expect(field).to_have_value("How-to, ")
        await expect(field).to_be_focused()
        await field.fill("")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("everything")
        box = page.get_by_role("dialog", name="Go to")
        await box.get_by_role("option", name="Everything in one post").click()
        await expect(page.get_by_label("Title")).to_have_value("Everything in one post")
