"""Folders of Markdown as Hugo, Jekyll, 11ty and Obsidian leave them: what each means beyond the text."""

from datetime import UTC, datetime
from typing import Any

import pytest
from browser import Browser
from sqlalchemy import select
from transfer.old_site import OldSite, all_posts, old_paths, png, post_at, told

from blog.database import Sessions
from blog.models import Kind, Media
from blog.transfer.covers import cover_of
from blog.transfer.frontmatter import HeadBroken, take_apart
from blog.transfer.reading import without_language


async def test_a_hugo_site_keeps_bundles_covers_pages_and_languages(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write("hugo.toml", "title = 'Old'\n")
    old_site.write("content/posts/pot/index.md", "+++\ntitle = 'A pot'\ndate = 2024-05-01T10:00:00+02:00\nauthor = 'Ana'\ncategories = ['Tea']\nweight = 3\nfeatured = true\n[cover]\nimage = 'pot.png'\nalt = 'A teapot'\n+++\n![It](pot.png) and [a paper](paper.pdf).\n")  # fmt: skip
    old_site.write("content/posts/pot/pot.png", png())
    old_site.write("content/posts/pot/paper.pdf", b"%PDF-1.4\nstartxref\n0\n%%EOF\n")
    old_site.write("content/posts/tea.md", '{\n  "title": "Tea",\n  "date": "2024-05-02",\n  "author": "Ana",\n  "url": "/drinks/green-tea/"\n}\nHot {{< gallery >}}.\n')  # fmt: skip
    old_site.write("content/posts/tea.fr.md", "---\ntitle: Le thé\ndate: 2024-05-02\nauthor: Ana\n---\nChaud.\n")
    old_site.write("content/posts/gone.md", "---\ntitle: Sale\ndate: 2020-01-01\nexpiryDate: 2020-02-01\nauthor: Ana\n---\nOver.\n")  # fmt: skip
    old_site.write("content/posts/later.md", "---\ntitle: Later\ndate: 2024-05-02\npublishDate: 2099-01-01\nauthor: Ana\n---\n")  # fmt: skip
    old_site.write("content/about.md", "---\ntitle: About us\nauthor: Ana\n---\nWe pour.\n")
    async with fresh_app(with_cast=False) as app:
        sessions = app.house.sessions
        report = await old_site.bring_in(sessions)
        assert told(report) == [
            "content/posts/tea.md:7: The shortcode {{< gallery >}} is not understood and stands as text."
        ]
        pot = await post_at(sessions, "pot")
        async with sessions() as db:
            cover = await db.get(Media, pot.cover_id or 0)
            kinds = sorted(await db.scalars(select(Media.content_type)))
        assert cover is not None
        assert (pot.cover_alt, pot.is_featured, [tag.name for tag in pot.tags]) == ("A teapot", True, ["Tea"])
        assert kinds == ["application/pdf", "image/png"]
        assert pot.published_at == datetime(2024, 5, 1, 8, tzinfo=UTC)
        assert pot.body.count("/media/") == 2
        assert (await post_at(sessions, "tea-fr")).language == "fr"
        browser = Browser(app)
        assert (await browser.get("/drinks/green-tea/")).headers["location"].endswith("/posts/green-tea")
        assert (await browser.get("/posts/gone")).status_code == 410, "what had ended does not come back"
        assert (await browser.get("/posts/later")).status_code == 404, "what was to come is not shown before"
        assert "We pour." in (await browser.get("/about")).text
        again = await old_site.bring_in(sessions)
        assert (again.imported, again.updated, again.unchanged) == (0, 0, 6)


async def test_a_jekyll_site_keeps_its_pages(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("_posts/2020-01-02-hello.md", "---\nlayout: post\ntitle: Hello\nauthor: Ana\nimage:\n  feature: /img/a.png\npin: true\n---\nSee [about](/about/).\n")  # fmt: skip
    old_site.write("img/a.png", png())
    old_site.write("about.md", "---\nlayout: page\ntitle: About\npermalink: /about/\nauthor: Ana\n---\nUs.\n")
    old_site.write("contact.md", "---\ntitle: Contact\nauthor: Ana\n---\nWrite.\n")
    old_site.write("_drafts/idea.md", "---\ntitle: Idea\nauthor: Ana\n---\n")
    assert told(await old_site.bring_in(sessions)) == []
    kinds = {post.slug: post.kind for post in await all_posts(sessions)}
    assert kinds == {"hello": Kind.POST, "idea": Kind.POST, "about": Kind.PAGE, "contact": Kind.PAGE}
    hello = await post_at(sessions, "hello")
    assert (hello.body, hello.is_featured, hello.cover_id is not None) == ("See [about](/about).\n", True, True)
    assert "/2020/01/02/hello" in await old_paths(sessions)


async def test_a_vault_of_notes_becomes_posts_that_link_to_each_other(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write(".obsidian/app.json", "{}")
    old_site.write("attachments/Tea Pot.png", png())
    old_site.write("Green tea.md", "---\ntags: [tea]\naliases: [Sencha]\nauthor: Ana\ndate: 2024-01-01\ncover: '[[Tea Pot.png]]'\n---\n# Leaves\n\nHot.\n")  # fmt: skip
    old_site.write(
        "notes/Water.md",
        "---\nauthor: Ana\ndate: 2024-01-02\n---\n"
        "See [[Green tea]], [[green tea|that *one*]], [[Green tea#Leaves]] and [[#Below]]; not [[Coffee]].\n\n"
        "![[Tea Pot.png|300]] ![[Tea Pot.png|A pot]] ![[Green tea]] ![A pot|200x100](attachments/Tea%20Pot.png)\n\n"
        "Seen %%not for readers%%here, ==marked==, #tag, `[[code]]` and `==code==`. ^block-1\n\n"
        "%%\nA long\n\ncomment\n%%\n\n> [!success]- Well done\n> It boils.\n\n> [!bug]\n> It leaks.\n\n## Below\n\n"
        "```\n[[Green tea]] %%stays%%\n```\n",
    )
    report = await old_site.bring_in(sessions)
    assert told(report) == ["notes/Water.md:5: The link to the note “Coffee” leads to nothing in this import."]
    tea, water = await post_at(sessions, "green-tea"), await post_at(sessions, "water")
    assert (tea.title, tea.cover_id is not None, [tag.name for tag in tea.tags]) == ("Green tea", True, ["tea"])
    async with sessions() as db:
        pot = (await db.scalars(select(Media))).one()
    assert water.body == (
        "See [Green tea](/posts/green-tea), [that \\*one\\*](/posts/green-tea), "
        "[Green tea > Leaves](/posts/green-tea#h-leaves) and [Below](#h-below); not Coffee.\n\n"
        f"![]({pot.url}) ![A pot]({pot.url}) [Green tea](/posts/green-tea) ![A pot]({pot.url})\n\n"
        "Seen here, <mark>marked</mark>, #tag, `[[code]]` and `==code==`.\n\n"
        "\n> [!TIP]\n> **Well done**\n>\n> It boils.\n\n> [!CAUTION]\n> It leaks.\n\n## Below\n\n"
        "```\n[[Green tea]] %%stays%%\n```\n"
    )


async def test_brackets_elsewhere_are_brackets(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("a.md", "---\ntitle: A\nauthor: Ana\n---\n[[B]] %%c%% ==d==\n")
    await old_site.bring_in(sessions)
    assert (await post_at(sessions, "a")).body == "[[B]] %%c%% ==d==\n"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ({"cover": "a.png"}, ("a.png", "")),
        ({"image": {"path": "b.jpg", "alt": "B"}}, ("b.jpg", "B")),
        ({"image": {"feature": "c.jpg"}}, ("c.jpg", "")),
        ({"featured_image": "d.png", "featured_image_alt": "D"}, ("d.png", "D")),
        ({"images": ["e.png", "f.png"]}, ("e.png", "")),
        ({"extra": {"cover": {"image": "g.webp"}}}, ("g.webp", "")),
        ({"header": {"overlay_image": "/h.png"}}, ("/h.png", "")),
        ({"cover": True, "image": "none", "banner": None, "images": []}, ("", "")),
        ({"cover": {"cover": {"cover": {"image": {"image": "deep.png"}}}}}, ("", "")),
    ],
)
def test_covers_are_found_under_every_name(head: dict[str, Any], found: tuple[str, str]) -> None:
    assert cover_of(head) == found


@pytest.mark.parametrize(
    ("stem", "parted"),
    [("post.fr", ("post", "fr")), ("post.pt-br", ("post", "pt-BR")), ("v1.2", ("v1.2", "")), ("fr", ("fr", "")), (".fr", (".fr", ""))],
)  # fmt: skip
def test_the_name_of_a_file_may_end_in_a_language(stem: str, parted: tuple[str, str]) -> None:
    assert without_language(stem) == parted


def test_heads_in_json_are_read_with_and_without_a_fence() -> None:
    document = take_apart('{"title": "T", "tags": ["a"]}\n\nText\n')
    assert (document.kind, document.head, document.body, document.body_line) == (
        "json", {"title": "T", "tags": ["a"]}, "\nText\n", 2,
    )  # fmt: skip
    fenced = take_apart('---json\n{\n "title": "T"\n}\n---\nText')
    assert (fenced.head, fenced.body, fenced.body_line, fenced.line_of("title")) == ({"title": "T"}, "Text", 6, 3)
    assert take_apart("{ curly } words").kind == ""


@pytest.mark.parametrize("text", ['{"a": }', '{"a": 1} more', '{"a": ' + "[" * 100_000, '---json\n[1]\n---\n', '{"a": "' + "x" * 70_000 + '"}'])  # fmt: skip
def test_a_head_in_json_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(HeadBroken):
        take_apart(text)
