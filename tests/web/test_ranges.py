"""Parts of files, as RFC 9110 (section 14) words the asking."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from blog.web.ranges import OutOfRange, asked_part, is_current, is_known


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-499", (0, 499)),
        ("bytes=500-", (500, 999)),
        ("bytes=-200", (800, 999)),
        ("bytes=-5000", (0, 999)),
        ("bytes=900-5000", (900, 999)),
        ("bytes=999-999", (999, 999)),
        ("BYTES= 0-0 ", (0, 0)),
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-5", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_part_is_read_and_what_is_no_part_means_the_whole(header: str, part: tuple[int, int] | None) -> None:
    assert asked_part(header, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=999999999999999999-"])
def test_what_begins_after_the_end_cannot_be_given(header: str) -> None:
    with pytest.raises(OutOfRange):
        asked_part(header, 1000)


@given(some.text(max_size=40), some.integers(1, 10**9))
def test_no_header_gives_bytes_that_are_not_there(header: str, size: int) -> None:
    for written in (header, f"bytes={header}"):
        try:
            part = asked_part(written, size)
        except OutOfRange:
            continue
        assert part is None or 0 <= part[0] <= part[1] < size


@given(some.integers(0, 10**6), some.integers(0, 10**6), some.integers(1, 10**6))
def test_a_part_within_the_file_is_given_as_asked(first: int, more: int, size: int) -> None:
    if first < size:
        assert asked_part(f"bytes={first}-{first + more}", size) == (first, min(first + more, size - 1))


def test_versions_are_compared_as_the_standard_says() -> None:
    assert is_known('W/"a", "b"', '"a"')
    assert is_known("*", '"a"')
    assert not is_known('"b"', '"a"')
    assert is_current("", '"a"')
    assert is_current('"a"', '"a"')
    assert not is_current('W/"a"', '"a"')
    assert not is_current("Sat, 21 Nov 2026 12:00:00 GMT", '"a"')
