"""The theme's files in the site's accent: what is served, under which names, and for how long."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from blog.content.colours import accents
from blog.models import Site
from blog.web.assets import BUNDLES, STATIC, load_assets

PINK = "#ff00aa"
SELECTORS = {"'template data'"}


def test_only_the_styles_are_dressed_and_only_their_names_change() -> None:
    plain = load_assets()
    dressed = plain.dressed(PINK)
    assert dressed is plain.dressed(PINK)
    assert {name for name in plain.contents if plain.url(name) != dressed.url(name)} == set(BUNDLES)
    for name in BUNDLES:
        assert dressed.contents[name].startswith(plain.contents[name])


def test_paper_stays_black_on_white_whatever_the_accent() -> None:
    styles = load_assets().dressed(PINK).contents["site.css"].decode()
    assert styles.startswith("@layer tokens, ")
    light, dark = accents(PINK) or ("", "")
    assert styles.endswith(f"\n@layer tokens{{:root{{--accent:light-dark({light},{dark})}}}}\n")
    assert re.search(r"@layer print \{\s*@media print \{[^}]*\}\s*:root \{[^}]*--accent: #000", styles)


async def _styles(browse: Any) -> str:
    found = re.search(r'rel="stylesheet" href="(/static/site\.\w+\.css)"', (await browse().get("/")).text)
    assert found
    return found[1]


@pytest.mark.parametrize("stored", ["red", "#12345", "}*{a:b", "#GGGGGG"])
async def test_a_stored_accent_that_is_no_colour_is_ignored(browse: Any, app: Any, db: Any, stored: str) -> None:
    plain = await _styles(browse)
    await db.execute(update(Site).values(accent=stored, version=Site.version + 1))
    await db.commit()
    app.house.forget_site()
    assert await _styles(browse) == plain
    file = await browse().get(plain)
    assert file.status_code == 200
    assert file.content == load_assets().contents["site.css"]
    assert "immutable" in file.headers["cache-control"]


def test_scripts_import_each_other_by_names_that_change_with_what_they_import(monkeypatch: Any, tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path / "static")
    monkeypatch.setattr("blog.web.assets.STATIC", tmp_path / "static")
    before = load_assets()
    imported = {
        found.decode() for text in before.contents.values() for found in re.findall(rb'from "\./([^"]+)"', text)
    }
    assert imported
    assert {f"js/{name}" for name in imported} <= set(before.by_served_name)
    deepest = tmp_path / "static" / "js" / "text.js"
    deepest.write_bytes(deepest.read_bytes() + b"\n// changed\n")
    after = load_assets()
    changed = {name for name in before.contents if before.url(name) != after.url(name)}
    assert {"js/text.js", "js/marks.js", "js/editor.js"} <= changed
    assert "js/copies.js" not in changed
    old = before.url("js/text.js").removeprefix("/static/")
    assert after.current(old) == after.by_served_name[after.served_names["js/text.js"]]
    (tmp_path / "static" / "js" / "text.js").write_text('import { x } from "./editor.js";')
    with pytest.raises(ValueError, match=r"in a circle: autosave\.js -> text\.js -> editor\.js -> autosave\.js"):
        load_assets()


def test_scripts_say_nothing_of_themselves() -> None:
    for path in sorted((STATIC / "js").glob("*.js")):
        code = re.sub(r"(?m)^\s*//.*$", "", path.read_text())
        spoken = re.findall(r"""["'`][A-Z]?[a-z]+(?: [a-z]+)+[.…]?["'`]""", code)
        assert [words for words in spoken if words not in SELECTORS] == [], path.name
