"""The head of a file, however it was written, and the line that is wrong in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.transfer.frontmatter import DEEPEST, LARGEST_HEAD, HeadBroken, take_apart


def test_yaml_toml_and_none_are_told_apart() -> None:
    yaml = take_apart("---\ntitle: One\n---\nText\n")
    assert (yaml.kind, yaml.head, yaml.body, yaml.body_line) == ("yaml", {"title": "One"}, "Text\n", 4)
    toml = take_apart('+++\ntitle = "Two"\n+++\n\nText')
    assert (toml.kind, toml.head, toml.body, toml.body_line) == ("toml", {"title": "Two"}, "\nText", 4)
    none = take_apart("Just text\n---\nmore")
    assert (none.kind, none.head, none.body, none.body_line) == ("", {}, "Just text\n---\nmore", 1)


def test_windows_and_old_macintosh_lines_and_byte_order_marks_are_read() -> None:
    for end in ("\n", "\r\n", "\r"):
        document = take_apart("\ufeff" + end.join(["---", "title: One", "---", "Text", ""]))
        assert (document.head, document.body) == ({"title": "One"}, "Text\n")


def test_yaml_words_stay_what_was_typed() -> None:
    head = take_apart("---\ntitle: 1.10\ntags: [yes, 010, 2016-02-31, '']\ndate: 2016-01-01\nslug: ~\n---\n").head
    assert head == {"title": "1.10", "tags": ["yes", "010", "2016-02-31", ""], "date": "2016-01-01", "slug": None}


def test_a_name_given_twice_has_its_last_value() -> None:
    assert take_apart("---\ntitle: One\ntitle: Two\n---\n").head == {"title": "Two"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: One\nText without an end\n", 1),
        ("---\ntitle: One\ntags: [a\n---\n", 4),
        ("---\ntitle: One\n  bad: indent\n---\n", 3),
        ("---\ntitle: One\nauthors:\n- melody\t\t\ntags:\n- a\n---\n", 4),
        ("---\ntitle: One\nnote: \x00\n---\n", 3),
        ("---\n- a\n- b\n---\n", 2),
        ("---\n? [a, b]\n: c\n---\n", 2),
        ("---\na: 1\nb: &anchor [1]\nc: *anchor\n---\n", 3),
        ("---\na: *nothing\n---\n", 2),
        ("---\ndeep: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + "\n---\n", 2),
        ("---\ndeep: " + "[" * 30_000 + "\n---\n", 2),
        ("---\nlong: " + "x" * LARGEST_HEAD + "\n---\n", 1),
        ("+++\ntitle = \n+++\n", 2),
        ('+++\ntitle = "One"\ntags = ["a"\n+++\n', 3),
        ('+++\ntitle = "One"\ntitle = "Two"\n+++\n', 3),
        ("+++\na = " + "[" * 20_000 + "\n+++\n", 1),
        ("+++\ndate = 2016-02-31\n+++\n", 2),
    ],
)
def test_what_is_broken_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(HeadBroken) as broken:
        take_apart(text)
    assert broken.value.line == line
    assert str(broken.value).endswith(".")
    assert "\n" not in str(broken.value)


def test_a_value_can_be_found_again_by_its_line() -> None:
    document = take_apart("---\ntitle: One\n\ndate: never\n---\n")
    assert document.line_of("date") == 4
    assert document.line_of("publishDate", "title") == 2
    assert document.line_of("slug") is None


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"]), min_size=1, max_size=30
)


@given(st.dictionaries(WORDS, st.one_of(WORDS, st.lists(WORDS, max_size=4)), max_size=6), st.text(max_size=50))
def test_yaml_that_a_program_wrote_is_read_back(head: dict[str, object], body: str) -> None:
    # JSON is YAML, with every value in quotes.
    lines = [
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in head.items()
    ]
    document = take_apart("\n".join(["---", *lines, "---", body]))
    assert document.head == head
    assert document.body == body.replace("\r\n", "\n").replace("\r", "\n")


@given(st.dictionaries(WORDS, st.one_of(WORDS, st.booleans(), st.integers(-(2**60), 2**60)), max_size=6))
def test_toml_that_a_program_wrote_is_read_back(head: dict[str, object]) -> None:
    def word(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    lines = [
        f"{word(name)} = {word(value) if isinstance(value, str) else json.dumps(value)}" for name, value in head.items()
    ]
    assert take_apart("\n".join(["+++", *lines, "+++", ""])).head == head


@given(st.sampled_from(["---", "+++", ""]), st.text(max_size=300))
def test_no_text_at_all_breaks_the_reader(fence: str, text: str) -> None:
    try:
        document = take_apart(f"{fence}\n{text}\n{fence}\nbody")
    except HeadBroken as broken:
        assert 1 <= broken.line <= text.count("\n") + text.count("\r") + 4
    else:
        assert all(isinstance(name, str) for name in document.head)
