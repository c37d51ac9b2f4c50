"""Files that people send: what is taken, what is refused, and what is taken out of them."""

import asyncio
import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.files import MediaRefused
from blog.database import Sessions
from blog.media import LARGEST_PICTURE, examine, keep, look_at, store
from blog.models import Media
from blog.settings import Settings
from blog.storage import Storage, open_storage

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"><path d="M0 0h9"/></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    """Draw a small picture with different colours at its corners."""
    image = Image.new("RGB", size, (10, 120, 200))
    image.putpixel((0, 0), (250, 10, 10))
    saved = io.BytesIO()
    image.save(saved, kind, **options)
    return saved.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[0x010F] = "Secret Camera"
    data[0x0112] = orientation
    return data


@pytest.mark.parametrize(
    ("kind", "content_type", "extension"),
    [
        ("PNG", "image/png", "png"),
        ("JPEG", "image/jpeg", "jpg"),
        ("GIF", "image/gif", "gif"),
        ("WEBP", "image/webp", "webp"),
        ("AVIF", "image/avif", "avif"),
    ],
)
def test_content_decides_what_a_file_is(kind: str, content_type: str, extension: str) -> None:
    found = look_at(picture(kind), trusted=False)
    assert (found.content_type, found.extension) == (content_type, extension)
    assert (found.width, found.height) == (8, 6)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7 and no more",
        b"MZ\x90\x00",
        b"\x89PNG\r\n\x1a\n" + b"not really",
        picture()[:60],
        picture("JPEG")[:120],
        b"GIF89a" + b"\x00" * 20,
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        b"\xff\xd8\xff" + b"\x00" * 500,
    ],
    ids=lambda content: repr(content[:12]),
)
@pytest.mark.parametrize("trusted", [True, False])
def test_what_is_no_whole_picture_is_refused(content: bytes, trusted: bool) -> None:
    with pytest.raises(MediaRefused) as refused:
        look_at(content, trusted)
    assert str(refused.value).endswith(".")


def test_large_files_are_refused() -> None:
    with pytest.raises(MediaRefused, match="at most 10 MB"):
        look_at(picture() + b"\x00" * LARGEST_PICTURE, trusted=True)


def test_a_small_file_that_becomes_a_huge_picture_is_refused() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 19_000, 19_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(MediaRefused, match="too large"):
        look_at(bomb, trusted=True)


def test_a_moving_picture_of_too_many_frames_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Image.new("L", (20, 20), shade) for shade in range(0, 250, 10)]
    saved = io.BytesIO()
    frames[0].save(saved, "GIF", save_all=True, append_images=frames[1:])
    assert look_at(saved.getvalue(), trusted=False).width == 20
    monkeypatch.setattr("blog.content.pictures.MOST_PIXELS_MOVING", 20 * 20 * 10)
    with pytest.raises(MediaRefused, match="25 frames"):
        look_at(saved.getvalue(), trusted=False)


@pytest.mark.parametrize("trusted", [True, False])
def test_pictures_lose_what_a_camera_wrote_into_them(trusted: bool) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Secret Person")
    for content in (
        picture("JPEG", exif=exif(), comment=b"Secret comment"),
        picture("JPEG", comment=b"Secret comment"),
        picture("JPEG", xmp=b"<x>Secret xmp</x>"),
        picture("PNG", pnginfo=text, exif=exif()),
        picture("WEBP", exif=exif(), xmp=b"<x>Secret xmp</x>"),
        picture("AVIF", exif=exif(), xmp=b"<x>Secret xmp</x>"),
    ):
        assert b"Secret" in content
        kept = look_at(content, trusted)
        assert b"Secret" not in kept.content
        with Image.open(io.BytesIO(kept.content)) as image:
            image.load()
            assert not image.getexif()
            assert image.size == (8, 6)


def test_what_hides_behind_the_end_of_an_upload_is_cut_off() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        kept = look_at(picture(kind) + b"<script>alert(1)</script>", trusted=False)
        assert b"script" not in kept.content


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize("trusted", [True, False])
def test_a_photograph_is_turned_the_way_it_was_held(kind: str, trusted: bool) -> None:
    kept = look_at(picture(kind, size=(64, 32), exif=exif(6)), trusted)
    assert (kept.width, kept.height) == (32, 64)
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (32, 64)
        assert not image.getexif()


@pytest.mark.parametrize("trusted", [True, False])
def test_of_several_pictures_in_one_photograph_the_first_is_kept(trusted: bool) -> None:
    saved, second = io.BytesIO(), Image.new("RGB", (64, 32), (0, 90, 0))
    Image.new("RGB", (64, 32), (10, 120, 200)).save(
        saved, "MPO", save_all=True, append_images=[second], exif=exif(6).tobytes()
    )
    kept = look_at(saved.getvalue(), trusted)
    assert (kept.width, kept.height) == (32, 64)
    with Image.open(io.BytesIO(kept.content)) as image:
        assert (image.format, image.size) == ("JPEG", (32, 64))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("broken", [b"Exif\0\0not a camera", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"])
def test_what_is_broken_in_a_cameras_notes_does_not_break_the_picture(kind: str, broken: bytes) -> None:
    for trusted in (True, False):
        kept = look_at(picture(kind, exif=broken), trusted)
        assert (kept.width, kept.height) == (8, 6)
        assert b"camera" not in kept.content


def test_an_import_keeps_the_bytes_of_pictures_without_a_camera_in_them() -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        assert look_at(picture(kind), trusted=True).content == picture(kind)


def test_a_drawing_of_the_operator_stays_as_it_is() -> None:
    assert look_at(SVG, trusted=True).content == SVG


HARMFUL = [
    "<script>alert(1)</script>",
    '<g onload="alert(1)"/>',
    '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
    '<a href="javascript:alert(1)"><text>x</text></a>',
    '<use href="https://elsewhere.example/alert.svg#x"/>',
    '<image href="https://elsewhere.example/alert.png"/>',
    '<image href="data:image/svg+xml;base64,alert"/>',
    '<image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="//elsewhere.example/alert"/>',
    '<style>@import "https://elsewhere.example/alert.css";</style>',
    '<style>rect { fill: url( "https://elsewhere.example/alert") }</style>',
    "<style>rect { fill: u\\72l(https://elsewhere.example/alert) }</style>",
    "<style>rect { fill: u/**/rl(x); behavior: url(/**/https://elsewhere.example/alert) }</style>",
    '<rect fill="url(https://elsewhere.example/alert#x)"/>',
    '<rect style="background: url(//elsewhere.example/alert)"/>',
    '<set attributeName="href" to="javascript:alert(1)"/>',
    '<animate attributeName="xlink:alert-href"/>',
    '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
    '<x:image xmlns:x="http://www.w3.org/2000/svg" href="alert"/>',
    '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    '<?xml-stylesheet href="alert.css"?>',
    "<!-- alert -->",
    "<metadata>alert</metadata>",
]


@pytest.mark.parametrize("harmful", HARMFUL)
def test_of_a_writers_drawing_only_what_is_known_to_be_harmless_is_kept(harmful: str) -> None:
    content = f'<svg xmlns="http://www.w3.org/2000/svg" width="3" height="4">{harmful}<path d="M0 0h9"/></svg>'
    kept = look_at(content.encode(), trusted=False)
    assert b"alert" not in kept.content
    assert b"elsewhere" not in kept.content
    assert b'd="M0 0h9"' in kept.content
    assert (kept.content_type, kept.width, kept.height) == ("image/svg+xml", 3, 4)
    assert look_at(kept.content, trusted=False).content == kept.content


def test_a_writers_drawing_keeps_what_makes_it_look_so() -> None:
    inner = (
        '<defs><linearGradient id="sky"><stop offset="0" stop-color="#abc"/></linearGradient></defs>'
        "<style>.a { fill: url(#sky); stroke: red }</style><title>A hill</title>"
        '<g class="a" transform="rotate(3)"><rect style="fill: url(#sky)" filter="url(#f)"/><use href="#x"/></g>'
        '<text x="1">Words<tspan dy="2">, more</tspan> and the rest</text>'
        '<image href="data:image/png;base64,iVBORw0KGgo="/><animate attributeName="opacity" values="0;1"/>'
    )
    kept = look_at(f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'.encode(), trusted=False).content
    for part in (
        "url(#sky)",
        "A hill",
        "rotate(3)",
        'filter="url(#f)"',
        ">, more<",
        " and the rest<",
        "iVBORw0KGgo",
        "0;1",
    ):
        assert part.encode() in kept, part


def test_a_small_drawing_that_draws_itself_a_million_times_is_refused() -> None:
    steps = "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 8))
    bomb = f'<svg xmlns="http://www.w3.org/2000/svg"><g id="a0"><path d="M0 0"/></g>{steps}<use href="#a7"/></svg>'
    with pytest.raises(MediaRefused, match="repeats itself"):
        look_at(bomb.encode(), trusted=False)
    endless = '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#a"/><use href="#b"/></g><use id="b" href="#a"/></svg>'
    assert look_at(endless.encode(), trusted=False).extension == "svg"
    with pytest.raises(MediaRefused, match="at most 2 MB"):
        look_at(b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 2**21 + b"</svg>", trusted=False)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="30" height="20"', (30, 20)),
        ('width="1in" height="72pt"', (96, 96)),
        ('width="100%" height="100%" viewBox="0 0 640 480"', (640, 480)),
        ('viewBox="0,0,7.6 4"', (8, 4)),
        ('width="-3" height="1e999"', (None, None)),
        ('width="99999999999999999999" height="1"', (None, None)),
        ("", (None, None)),
    ],
)
def test_a_drawing_tells_its_size(attributes: str, size: tuple[int | None, int | None]) -> None:
    found = look_at(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode(), trusted=True)
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>hello</body></foreignObject>",
        '<a href="java&#10;script:alert(1)"><text>x</text></a>',
        '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="JavaScript:alert(1)"/>',
        '<set attributeName="href" to="javascript:alert(1)"/>',
        "<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
    ],
)
def test_a_drawing_loses_its_programs_and_nothing_else(inner: str) -> None:
    content = f'<svg xmlns="http://www.w3.org/2000/svg" width="3" height="4">{inner}<path d="M0 0h9"/></svg>'
    kept = look_at(content.encode(), trusted=True).content
    for bad in (b"alert", b"foreignObject", b"onload"):
        assert bad not in kept
    assert b"M0 0h9" in kept
    assert look_at(kept, trusted=True).content == kept


def test_a_drawing_that_would_explode_is_refused() -> None:
    doctypes = [
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE svg SYSTEM "x" [<!ENTITY a "b">]>',
    ]
    for doctype in doctypes:
        with pytest.raises(MediaRefused):
            look_at(doctype.encode() + SVG.replace(b"<path", b"<text>&x;&b;</text><path"), trusted=True)
    for encoding in ("utf-16", "utf-32"):
        with pytest.raises(MediaRefused):
            look_at((doctypes[0] + SVG.decode()).encode(encoding), trusted=True)
    with pytest.raises(MediaRefused):
        look_at(b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 5, trusted=True)
    deep = b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 50_000 + b"<script/>" + b"</g>" * 50_000 + b"</svg>"
    with pytest.raises(MediaRefused, match="broken"):
        look_at(deep, trusted=True)
    with pytest.raises(MediaRefused, match="broken"):
        look_at(deep, trusted=False)


def test_the_document_type_that_drawing_programs_write_is_left_out() -> None:
    doctype = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert look_at(doctype + SVG, trusted=True).content == SVG


async def kept(db: AsyncSession, storage: Storage, content: bytes, name: str = "a.png") -> Media:
    stored = await store(db, storage, await examine(content), by=None)
    media = await keep(db, storage, stored, name, now=NOW, by=None)
    await db.commit()
    return media


async def test_the_same_content_is_kept_once(sessions: Sessions, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    storage = open_storage(Settings(media_url=str(folder)))
    async with sessions() as db:
        first = await kept(db, storage, picture(), "../../etc/pass\x00wd.exe")
        again = await kept(db, storage, picture(), "other.png")
    assert first.id == again.id
    assert first.original_name == "passwd.exe"
    assert (folder / first.stored).read_bytes() == picture()
    assert [path.name for path in folder.iterdir()] == [first.name]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert first.name.endswith(".png")
    assert len(first.name) == 36


async def test_two_who_send_the_same_at_once_get_one_file(sessions: Sessions, tmp_path: Path) -> None:
    storage = open_storage(Settings(media_url=str(tmp_path / "media")))

    async def send() -> str:
        async with sessions() as db:
            return (await kept(db, storage, picture())).name

    names = await asyncio.gather(*(send() for _ in range(5)))
    assert len(set(names)) == 1
    assert [path.name for path in (tmp_path / "media").iterdir()] == [names[0]]
    async with sessions() as db:
        assert await db.scalar(select(func.count(Media.id))) == 1


async def test_a_file_that_was_lost_comes_back_when_it_is_sent_again(sessions: Sessions, tmp_path: Path) -> None:
    storage = open_storage(Settings(media_url=str(tmp_path)))
    async with sessions() as db:
        media = await kept(db, storage, picture())
        await storage.delete([media.stored])
        assert not await storage.has(media.stored)
        await kept(db, storage, picture())
    assert await storage.has(media.stored)
