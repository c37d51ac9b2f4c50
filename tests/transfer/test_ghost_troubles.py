"""Exports of Ghost that are broken, or made to do harm: refused with a sentence, or made harmless."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select
from transfer.ghost_site import GhostSite, lexical, paragraph, text
from transfer.old_site import count, png, post_at, told

from blog.database import Sessions
from blog.models import Media, Post, Redirect, Role, User
from blog.transfer.ghost import reading
from blog.transfer.terms import ImportRefused


@pytest.fixture
def ghost_site(tmp_path: Path) -> GhostSite:
    return GhostSite(tmp_path / "site", tmp_path / "media")


@pytest.fixture(autouse=True)
def _folder(ghost_site: GhostSite) -> None:
    ghost_site.root.mkdir()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"db": [{"data": {"posts": [{"id": 1,\n "title": oops}]}}]}', "not JSON: Expecting value in line 2, column 11."),
        (b'{"db": [{"data": {"posts": [{"id": "1", "title": "a', "The file is not whole or not JSON"),
        (b'{"db": [{"data": {"posts": [{"title": "\xff"}]}}]}', "is no UTF-8."),
        (b"", "The file is not whole or not JSON"),
        (b"<xml/>", "The file is not whole or not JSON"),
        (b"PK\x03\x04zip", "unpack it"),
        (b'{"db": []}', "no export of Ghost"),
        (b'{"posts": "none"}', "no export of Ghost"),
        (b"[" * 100_000, "nests deeper than any export"),
        (b'{"data": {"posts": [' + b'{"a":' * 500 + b"1", "nests deeper than any export"),
    ],
)  # fmt: skip
async def test_what_is_no_export_is_refused_with_where_it_breaks(
    ghost_site: GhostSite, sessions: Sessions, content: bytes, sentence: str
) -> None:
    ghost_site.file.write_bytes(content)
    with pytest.raises(ImportRefused, match=sentence.replace(".", r"\.")):
        await ghost_site.bring_in(sessions, file=ghost_site.file)
    assert await count(sessions, Post, User) == (0, 0)


async def test_a_value_longer_than_any_post_is_refused_before_it_fills_the_memory(
    ghost_site: GhostSite, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_RECORD", 300_000)
    ghost_site.post("long", html="a" * 1_000_000)
    with pytest.raises(ImportRefused, match="longer than any post"):
        await ghost_site.bring_in(sessions)


async def test_rows_that_are_no_rows_stop_nothing(ghost_site: GhostSite, sessions: Sessions) -> None:
    ghost_site.post("fine", html="<p>Fine</p>", author_id=["x"], tags=5, feature_image={"a": 1}, custom_excerpt=7)
    ghost_site.post("fine", html="<p>Again</p>", uuid="other")
    ghost_site.add("posts", title="No id")
    ghost_site.post("deep", lexical=json.dumps({"root": {"children": [_nested(400)]}}), html="<p>Saved</p>")
    ghost_site.post("deeper", lexical='{"root":' + '{"children":[' * 20_000, html="<p>Saved</p>")
    ghost_site.post(
        "odd", lexical=lexical({"type": 5}, {"type": "image", "src": 3}, "Words", {"type": "list", "children": "x"})
    )
    ghost_site.post("odder", mobiledoc=json.dumps({"sections": [[1, "p", [[0, [9], 0, "x"]]], 3]}), html="<p>Saved</p>")
    ghost_site.tables["users"] = [
        {"id": "1", "name": None, "slug": "../../admin", "email": 5, "role": "Administrator"},
        {"id": "2"},
    ]
    ghost_site.tables["settings"] = [{"key": "navigation", "value": "[" * 50_000}, {"key": ["x"]}]
    ghost_site.tables["posts_tags"] = [{"post_id": {"a": 1}, "tag_id": None}]
    report = await ghost_site.bring_in(sessions)
    assert (report.imported, report.skipped) == (5, 2)
    for slug in ("deep", "deeper", "odder"):
        assert (await post_at(sessions, slug)).body == "Saved\n"
    assert (await post_at(sessions, "odd")).body == "Words\n"


def _nested(depth: int) -> dict[str, object]:
    node = text("deep")
    for _ in range(depth):
        node = {"type": "link", "url": "/", "children": [node]}
    return paragraph(node)


async def test_script_in_texts_and_titles_is_harmless(ghost_site: GhostSite, sessions: Sessions) -> None:
    attack = "<script>bad()</script><img src=x onerror=bad()><a href='javascript:bad()'>a</a>"
    cards = [
        {"type": "html", "html": attack},
        {"type": "markdown", "markdown": f"{attack}\n\n[a](javascript:bad())"},
        {"type": "callout", "calloutEmoji": attack, "calloutText": attack},
        {"type": "toggle", "heading": attack, "content": attack},
        {"type": "image", "src": "https://a.example/x.png\" onerror=\"bad()", "alt": '"><script>bad()</script>', "caption": attack},
        {"type": "codeblock", "code": "</code></pre><script>bad()</script>", "language": '"><script>bad()</script>'},
        {"type": "bookmark", "url": "javascript:bad()", "metadata": {"title": attack}, "caption": attack},
        {"type": "button", "buttonUrl": "javascript:bad()", "buttonText": "<b>x"},
        {"type": "video", "src": "javascript:bad()", "width": '1" onload="bad()'},
        paragraph({"type": "link", "url": "javascript:bad()", "children": [text("<script>bad()</script>")]}),
    ]  # fmt: skip
    ghost_site.post("attack", title=attack, lexical=lexical(*cards))
    await ghost_site.bring_in(sessions)
    post = await post_at(sessions, "attack")
    assert not re.search(r"""<script|<[^<>]*\son[a-z]+\s*=|(?:href|src)="?\s*javascript""", post.html)
    assert "&lt;script&gt;bad()" in post.html


async def test_names_of_pictures_lead_nowhere_else(ghost_site: GhostSite, sessions: Sessions) -> None:
    secret = ghost_site.root.parent / "secret.png"
    secret.write_bytes(png())
    ghost_site.put("images/fine.png", png("red"))
    (ghost_site.content / "images" / "link.png").symlink_to(secret)
    tricks = (
        "../../../secret.png",
        "%2e%2e/%2e%2e/%2e%2e/secret.png",
        "link.png",
        "x%00.png",
        "a" * 3000,
        "..\\..\\secret.png",
        ".",
    )
    images = "".join(f'<p><img src="__GHOST_URL__/content/images/{name}" alt="T"></p>' for name in tricks)
    ghost_site.post("tricks", html=images, feature_image=f"__GHOST_URL__/content/images/{tricks[0]}")
    report = await ghost_site.bring_in(sessions)
    assert await count(sessions, Media) == (0,)
    assert (await post_at(sessions, "tricks")).body.count("*Picture: T*") == len(tricks)
    assert sum("is missing" in line for line in told(report)) >= len(tricks)


async def test_nobody_becomes_an_admin_and_no_address_is_believed(ghost_site: GhostSite, sessions: Sessions) -> None:
    ghost_site.add("users", id="1", name="Eve", slug="eve", email="eve@example.org", password="$2a$x")
    ghost_site.add("roles", id="r", name="Administrator")
    ghost_site.add("roles_users", role_id="r", user_id="1")
    ghost_site.add("tags", id="t", name="x", slug="../login")
    ghost_site.post("mine", html="<p>x</p>", author_id="1")
    ghost_site.post("login", type="page", html="<p>x</p>", author_id="1")
    report = await ghost_site.bring_in(sessions)
    async with sessions() as db:
        (eve,) = [user for user in await db.scalars(select(User)) if user.name == "Eve"]
        paths = set(await db.scalars(select(Redirect.path)))
    assert (eve.role, eve.email, eve.can_sign_in) == (Role.EDITOR, None, False)
    assert "/tag/../login" not in paths
    assert report.imported == 2
    assert (await post_at(sessions, "login-page")).path == "/login-page"
