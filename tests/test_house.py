"""Promises of the house that no linter knows: where HTML is declared safe, and that the README is true."""

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from blog.cli import blog
from blog.settings import ROOT, Settings

TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SCRIPT = re.compile(r"""<script type="module" src="\{\{ asset\('js/[a-z]+\.js'\) \}\}"></script>""")
README = "".join((ROOT / file).read_text() for file in ("README.md", "docs/running.md", "docs/moving.md"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_escape_everything_and_hold_no_script_or_style(path: Path) -> None:
    text = SCRIPT.sub("", path.read_text())
    for forbidden in ("|safe", "| safe", "autoescape", "xmlattr", "urlize", "<script", "<style", " style=", "onclick="):
        assert forbidden not in text, f"{path.name} has {forbidden}"
    assert not re.search(r"\son[a-z]+=", text)


def test_html_is_declared_safe_where_it_is_made_and_nowhere_else() -> None:
    places = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "blog").rglob("*.py")
        if re.search(r"\bMarkup\(", path.read_text())
    }
    assert places == {
        "blog/content/highlight.py",
        "blog/content/markdown.py",
        "blog/models/post.py",
        "blog/models/share.py",
        "blog/models/site.py",
        "blog/web/linked_data.py",
        "blog/web/rendering.py",
    }


def test_nothing_reads_the_environment_but_the_settings() -> None:
    readers = [path for path in (ROOT / "blog").rglob("*.py") if re.search(r"os\.(environ|getenv)", path.read_text())]
    assert [path.name for path in readers] == ["settings.py"]


def test_the_readme_names_every_setting() -> None:
    for setting in fields(Settings):
        assert f"`{setting.name.upper()}`" in README


def test_every_command_of_the_readme_exists() -> None:
    commands = re.findall(r"\.venv/bin/blog ([^\n|`]+)", README)
    assert len(commands) >= 5
    for written in commands:
        command: click.Command = blog
        words = written.split()
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found, written
            command = found
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, written
    targets = re.findall(r"^\.PHONY: (\w+)", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"make (\w+)", README)) - {"help", "the"} <= set(targets)
