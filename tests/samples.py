"""Small files of each kind that people send: whole in their build, with nothing to see or hear in them."""

import io
import struct

from PIL import Image

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"><path d="M0 0h9"/></svg>'
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
FLAC = b"fLaC\x80\0\0\x22" + bytes(34)
WEBM = b"\x1a\x45\xdf\xa3\x8a\x42\x82\x84webm\x42\x87\x81\x04" + b"\x18\x53\x80\x67\x81\0" + bytes(200)


def mp3(frames: int = 2, tag: bytes = b"") -> bytes:
    """Make frames of 128 kbit/s at 44.1 kHz, which have 417 bytes each."""
    id3 = b"ID3\4\0\0" + bytes([0, 0, len(tag) >> 7, len(tag) & 127]) + tag if tag else b""
    return id3 + (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def wav(seconds: int = 1) -> bytes:
    sound = bytes(8000 * seconds)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    inner = b"WAVE" + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def ogg(codec: bytes = b"OpusHead") -> bytes:
    return b"OggS\0\2" + bytes(20) + b"\1\x13" + codec + bytes(40)


def box(kind: bytes, *inside: bytes) -> bytes:
    content = b"".join(inside)
    return struct.pack(">I", 8 + len(content)) + kind + content


def mp4(
    *handlers: bytes, brand: bytes = b"isom", size: tuple[int, int] = (64, 48), sideways: bool = False, bulk: int = 100
) -> bytes:
    """Make a film with a track for each handler (vide, soun), and notes of where it was made."""
    matrix = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30) if sideways else (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    tracks = []
    for handler in handlers or (b"vide", b"soun"):
        wide, high = size if handler == b"vide" else (0, 0)
        head = box(b"tkhd", bytes(40), struct.pack(">9iII", *matrix, wide << 16, high << 16))
        tracks.append(box(b"trak", head, box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13)))))
    notes = box(b"udta", box(b"\xa9xyz", b"Secret place"))
    begin = box(b"ftyp", brand, bytes(4), brand)
    return begin + box(b"moov", box(b"mvhd", bytes(100)), *tracks, notes) + box(b"mdat", bytes(bulk))


def drawing(colour: str = "navy", size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    """Draw a picture of one colour."""
    kept = io.BytesIO()
    Image.new("RGB", size, colour).save(kept, kind)
    return kept.getvalue()


def photograph(size: tuple[int, int] = (1200, 800)) -> bytes:
    """Draw a picture that is worth smaller copies."""
    kept = io.BytesIO()
    Image.effect_noise((size[0] // 4, size[1] // 4), 60).convert("RGB").resize(size).save(kept, "JPEG", quality=95)
    return kept.getvalue()
