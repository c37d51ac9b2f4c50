"""Sound and film: what they are, by how their formats begin and are built. Nothing is decoded; browsers do that.

MP4 and M4A: ISO/IEC 14496-12. MP3: ISO/IEC 11172-3. Ogg: RFC 3533. WAV: RIFF. FLAC: RFC 9639. WebM: RFC 8794.
"""

import struct
from collections.abc import Iterator

from blog.content.files import Content, File, MediaRefused
from blog.languages import gettext as _

MOST_BOXES = 10_000
"""Parts of a film that are looked at; one of hours has some hundreds."""
LONGEST_TAG = 16 * 1024 * 1024
MP4_BRANDS = (b"isom", b"iso", b"mp4", b"avc", b"dash", b"M4V", b"M4A", b"M4B", b"MSNV", b"3gp", b"f4v")
AVIF_BRANDS = frozenset({b"avif", b"avis", b"mif1", b"msf1"})
PICTURE_BRANDS = AVIF_BRANDS | {b"heic", b"heix", b"hevc", b"heim", b"heis"}
"""Pictures that are built as films are."""
CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
NOTES = frozenset({b"udta", b"meta", b"uuid"})
"""Where recorders write who and where they were."""
BITRATES = {3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
            2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)}  # fmt: skip
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
OGG_SOUND = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")


def recording(content: Content) -> File | None:
    """Take sound or film; None for what is neither. Raise MediaRefused for what begins so but is broken."""
    head = bytes(content[:64])
    if head[4:8] == b"ftyp" and head[8:12] not in PICTURE_BRANDS:
        return _mp4(content)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _webm(content)
    if head.startswith(b"OggS"):
        return _ogg(content)
    if head.startswith(b"fLaC"):
        return _whole(head[4] & 0x7F == 0 and head[5:8] == b"\0\0\x22", content, "audio/flac", "flac")
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return _whole(b"fmt " in bytes(content[12:4096]), content, "audio/wav", "wav")
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] and head[1] & 0xE0 == 0xE0):
        return _mp3(content)
    return None


def _whole(fine: bool, content: Content, content_type: str, extension: str) -> File:
    if not fine:
        raise MediaRefused(_("The recording is broken and cannot be played."))
    return File(content, content_type, extension)


def _mp3(content: Content) -> File:
    """Take an MP3: after what is written about it, two frames must follow each other."""
    at = 0
    if content[:3] == b"ID3":
        a, b, c, d = (byte & 0x7F for byte in content[6:10])
        at = 10 + (a << 21 | b << 14 | c << 7 | d)
    while at < min(len(content), LONGEST_TAG) and content[at : at + 1] == b"\0":
        at += 1
    first = _frame(content, at)
    return _whole(bool(first and _frame(content, at + first)), content, "audio/mpeg", "mp3")


def _frame(content: Content, at: int) -> int:
    """Give the length of the MPEG frame (layer III) that begins here; 0 when none does."""
    head = bytes(content[at : at + 4])
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, speed = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or rate in {0, 15} or speed == 3:
        return 0
    factor = 144 if version == 3 else 72
    return factor * BITRATES[3 if version == 3 else 2][rate] * 1000 // RATES[version][speed] + (head[2] >> 1 & 1)


def _ogg(content: Content) -> File:
    segments = content[26] if len(content) > 27 else 0
    codec = bytes(content[27 + segments : 27 + segments + 8])
    return _whole(codec.startswith(OGG_SOUND), content, "audio/ogg", "ogg")


def _webm(content: Content) -> File:
    head = bytes(content[:128])
    kind = head.find(b"\x42\x82")
    # The length of the name follows, as a number of one byte.
    is_webm = kind > 0 and head[kind + 2 : kind + 7] == b"\x84webm"
    if not is_webm:
        raise MediaRefused(_("This film is in a format that browsers do not play; MP4 and WebM are taken."))
    return _whole(content.find(b"\x18\x53\x80\x67", 0, 4096) > 0, content, "video/webm", "webm")


def _mp4(content: Content) -> File:
    """Take an MP4 without its notes, which tell where a film was made; sound alone is an M4A."""
    if not bytes(content[8:12]).startswith(MP4_BRANDS):
        raise MediaRefused(_("This film is in a format that browsers do not play; MP4 and WebM are taken."))
    handlers, notes, size = set(), [], None
    try:
        for kind, start, end in _boxes(content, 0, len(content)):
            if kind in NOTES:
                notes.append((start, end))
            elif kind == b"hdlr":
                handlers.add(bytes(content[start + 8 : start + 12]))
            elif kind == b"tkhd":
                size = _size(content[end - 44 : end]) or size
    except (struct.error, IndexError) as error:
        raise MediaRefused(_("The recording is broken and cannot be played.")) from error
    content = _without(content, notes)
    if b"vide" in handlers:
        width, height = size or (None, None)
        return File(content, "video/mp4", "mp4", width, height)
    return _whole(b"soun" in handlers, content, "audio/mp4", "m4a")


def _size(end_of_head: bytes) -> tuple[int, int] | None:
    """Read how wide and high a track is shown, from the end of its header: nine numbers that turn it, then its size."""
    *matrix, wide, high = struct.unpack(">9iII", end_of_head)
    upright = (wide >> 16, high >> 16) if matrix[0] else (high >> 16, wide >> 16)
    return upright if all(upright) else None


def _boxes(content: Content, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Go through the boxes of a film: what each is, and where it and its inside end."""
    todo, seen = [(at, end)], 0
    while todo:
        at, end = todo.pop()
        while at + 8 <= end:
            seen += 1
            length, head = struct.unpack(">I", content[at : at + 4])[0], 8
            kind = bytes(content[at + 4 : at + 8])
            if length == 1:
                length, head = struct.unpack(">Q", content[at + 8 : at + 16])[0], 16
            elif length == 0:
                length = end - at
            if length < head or at + length > end or seen > MOST_BOXES:
                raise struct.error("a box is longer than what it is in")
            if kind in CONTAINERS:
                todo.append((at + head, at + length))
            yield kind, at if kind in NOTES else at + head, at + length
            at += length


def _without(content: Content, notes: list[tuple[int, int]]) -> Content:
    """Make notes into free space of the same length, so that nothing else moves."""
    if not notes:
        return content
    mended = bytearray(content[:]) if isinstance(content, bytes) else content
    for start, end in notes:
        head = 16 if bytes(content[start : start + 4]) == b"\0\0\0\1" else 8
        mended[start + 4 : start + 8] = b"free"
        mended[start + head : end] = bytes(end - start - head)
    return bytes(mended) if isinstance(mended, bytearray) else mended
