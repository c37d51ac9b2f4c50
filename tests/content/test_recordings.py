"""Sound, film and documents: what they are follows from how they are built."""

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as some

from blog.content.files import MediaRefused
from blog.media import look_at

WHOLE = {
    "audio/mpeg": (samples.mp3(), "mp3"),
    "audio/mp4": (samples.mp4(b"soun", brand=b"M4A "), "m4a"),
    "audio/ogg": (samples.ogg(), "ogg"),
    "audio/wav": (samples.wav(), "wav"),
    "audio/flac": (samples.FLAC, "flac"),
    "video/mp4": (samples.mp4(), "mp4"),
    "video/webm": (samples.WEBM, "webm"),
    "application/pdf": (samples.PDF, "pdf"),
}


@pytest.mark.parametrize("content_type", WHOLE)
def test_how_a_file_is_built_decides_what_it_is(content_type: str) -> None:
    content, extension = WHOLE[content_type]
    found = look_at(content, trusted=False)
    assert (found.content_type, found.extension) == (content_type, extension)


def test_an_mp3_may_begin_with_what_is_said_about_it() -> None:
    content = samples.mp3(tag=b"TIT2" + b"x" * 300)
    assert look_at(content, trusted=False).content == content


@pytest.mark.parametrize(
    "content",
    [
        samples.mp3(1),
        b"ID3\4\0\0\0\0\0\5hello" + b"<script>" * 50,
        samples.ogg(b"\x80theora\x03"),
        samples.FLAC[:4] + b"\x04" + samples.FLAC[5:],
        b"RIFF\x10\0\0\0WAVEdata" + bytes(60),
        samples.WEBM.replace(b"\x84webm", b"\x88matroska"),
        samples.mp4(b"text"),
        samples.mp4(brand=b"qt  "),
        samples.mp4()[:120] + b"\xff\xff\xff\xffmoov",
        samples.PDF[:-20],
        b"%PDF-<script>alert(1)</script> startxref %%EOF",
    ],
    ids=lambda content: repr(content[:8]),
)
def test_what_only_begins_like_a_recording_or_document_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(MediaRefused) as refused:
        look_at(content, trusted=False)
    assert str(refused.value).endswith(".")


def test_a_film_loses_where_it_was_made_and_not_a_byte_of_its_length() -> None:
    content = samples.mp4()
    assert b"Secret place" in content
    kept = look_at(content, trusted=False)
    assert b"Secret" not in bytes(kept.content)
    assert len(kept.content) == len(content)
    assert look_at(bytes(kept.content), trusted=False).content == kept.content


def test_a_film_tells_the_size_in_which_it_is_shown() -> None:
    found = look_at(samples.mp4(size=(640, 360)), trusted=False)
    assert (found.width, found.height) == (640, 360)
    held_upright = look_at(samples.mp4(size=(640, 360), sideways=True), trusted=False)
    assert (held_upright.width, held_upright.height) == (360, 640)
    assert look_at(samples.mp3(), trusted=False).width is None


@given(some.sampled_from([content for content, _ in WHOLE.values()]), some.data())
def test_a_damaged_file_is_taken_or_refused_and_breaks_nothing(content: bytes, data: some.DataObject) -> None:
    at = data.draw(some.integers(0, len(content) - 1))
    damage = data.draw(some.binary(max_size=12))
    damaged = content[:at] + damage + content[at + data.draw(some.integers(0, 12)) :]
    try:
        assert len(look_at(damaged, trusted=False).content) == len(damaged)
    except MediaRefused as refused:
        assert str(refused).endswith(".")
