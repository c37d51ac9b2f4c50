"""Texts cut into paragraphs and put together again; remarks that find their paragraph; files lent to another address."""

import re

from hypothesis import given
from hypothesis import strategies as st

from blog.content.lent import file_names, lent
from blog.content.markdown import render
from blog.content.paragraphs import find, split
from blog.content.tree import VOID

BLOCKS = st.sampled_from(
    [
        "A paragraph with *words* & <b>more</b>.",
        "## A heading",
        "- one\n- two\n\n  - deep",
        "| a | b |\n|---|---|\n| 1 | > |",
        "```python\nif a > b: print('<p>')\n```",
        '![A "quoted" > picture](/media/00.png)',
        "> quoted\n>\n> twice",
        "---",
        "A note[^1].\n\n[^1]: The note.",
        "<details><summary>More</summary>\n\nHidden\n\n</details>",
        "日本語の段落です。",
        "<video src='/media/v.mp4' poster='/media/p.jpg'></video>",
        "[A file](/media/f.pdf) and [a page](/posts/media/x)",
    ]
)
TEXTS = st.lists(st.one_of(BLOCKS, st.text(max_size=60)), max_size=12).map("\n\n".join)


def names_of_tags(html: str) -> list[str]:
    return re.findall(r"""<(/?[a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*>""", html)


@given(TEXTS)
def test_a_text_is_cut_without_loss_into_parts_that_are_whole(text: str) -> None:
    html = render(text).html
    parts = split(html)
    assert "".join("".join(part.html for part in parts).split()) == "".join(html.split())
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    for part in parts:
        open_tags: list[str] = []
        for name in names_of_tags(part.html):
            if name.startswith("/"):
                assert open_tags.pop() == name[1:]
            elif name not in VOID:
                open_tags.append(name)
        assert not open_tags


@given(TEXTS, st.integers(0, 40))
def test_every_part_of_an_unchanged_text_finds_itself(text: str, place: int) -> None:
    parts = split(render(text).html)
    for part in (one for one in parts if one.text):
        found = find(parts, part.text, part.number)
        assert found is not None
        assert found.number == part.number
        assert found.is_same
        elsewhere = find(parts, part.text, place)
        assert elsewhere is not None
        assert parts[elsewhere.number - 1].text == part.text


def test_a_remark_follows_its_paragraph_through_edits() -> None:
    before = split(render("One bird.\n\nTwo birds sit in the old tree.\n\nThe same.\n\nThe same.").html)
    after = split(render("New.\n\nThe same.\n\nTwo birds sat in the old tree.\n\nOne bird.\n\nThe same.").html)
    found = [find(after, part.text, part.number) for part in before]
    assert [(one.number, one.is_same) for one in found if one] == [(4, True), (3, False), (2, True), (5, True)]
    assert find(after, "Nothing like it was ever here", 2) is None
    assert find([], "Anything", 1) is None
    assert find(split(render("鳥が二羽、木に止まった。").html), "鳥が二羽、木に止まっている。", 1) is not None


def test_a_changed_paragraph_far_from_its_place_is_not_guessed() -> None:
    parts = split(render("\n\n".join(f"Paragraph {number} of many words here" for number in range(200))).html)
    assert find(parts, "Paragraph number one of so many words here", 1) is not None
    assert find(parts, "Paragraph number one of so many words here", 900) is None


@given(TEXTS)
def test_only_addresses_of_lent_files_change(text: str) -> None:
    html = render(text).html
    names = file_names(html)
    assert lent(html, [], "/elsewhere") == html
    moved = lent(html, names, "/elsewhere")
    assert file_names(moved) == []
    assert moved.replace("/elsewhere/", "/media/") == html.replace("/elsewhere/", "/media/")
    assert names_of_tags(moved) == names_of_tags(html)


def test_files_are_lent_one_by_one_and_words_about_them_stay() -> None:
    html = render("![See /media/b.png](/media/a.png) and `/media/a.png` [b](/media/b.png) /media/a.png").html
    assert file_names(html) == ["a.png", "b.png"]
    moved = lent(html, {"a.png"}, '/x"y')
    assert 'src="/x&#34;y/a.png"' in moved, "what is put in is escaped"
    assert 'href="/media/b.png"' in moved
    assert 'alt="See /media/b.png"' in moved
    assert "<code>/media/a.png</code>" in moved
