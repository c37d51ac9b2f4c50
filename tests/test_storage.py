"""The storage of files: the same whether they lie in a folder, in memory, or in a bucket behind S3."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from mmap import mmap
from pathlib import Path

import pytest
from conftest import Bucket
from live import free_port
from obstore.store import MemoryStore

from blog.settings import Settings, SettingsError, read_settings
from blog.storage import PIECE, Piece, Storage, StorageAway, open_storage

NAME = "0123456789abcdef" * 2
LARGE = bytes(range(256)) * (PIECE // 128) + b"end"


@pytest.fixture(params=["folder", "memory", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "memory":
        return Storage(MemoryStore())
    if request.param == "folder":
        return open_storage(Settings(media_url=str(tmp_path / "media")))
    bucket: Bucket = request.getfixturevalue("bucket")
    return open_storage(bucket.settings("some/prefix"))


async def test_what_is_put_is_there_until_it_is_deleted(storage: Storage) -> None:
    await storage.check()
    await storage.put({f"{NAME}-480.webp": b"small", f"{NAME}.jpg": b"large"})
    assert await storage.read(f"{NAME}-480.webp") == Piece(b"small", 5)
    assert await storage.read(f"{NAME}.jpg", 1, 3) == Piece(b"arg", 5)
    assert await storage.read(f"{NAME}.jpg", 3, 900) == Piece(b"ge", 5)
    await storage.delete([f"{NAME}.jpg", f"{NAME}.jpg"])
    assert await storage.read(f"{NAME}.jpg") is None
    assert not await storage.has(f"{NAME}.jpg")
    assert await storage.has(f"{NAME}-480.webp")


async def test_a_large_file_comes_piece_by_piece(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(LARGE * 4)
    with (tmp_path / "large").open("r+b") as file:
        await storage.put({f"{NAME}.mp4": mmap(file.fileno(), 0)})
    pieces = [piece async for piece in storage.pieces(f"{NAME}.mp4", 0, len(LARGE) - 1)]
    assert [len(piece) for piece in pieces] == [PIECE, PIECE, 3]
    assert b"".join(pieces) == LARGE
    part = [piece async for piece in storage.pieces(f"{NAME}.mp4", 700, PIECE + 800)]
    assert b"".join(part) == LARGE[700 : PIECE + 801]


@pytest.mark.parametrize("name", ["../secret_key", "a.png", f"{NAME}.png/x", f"{NAME}.PNG", f"x/{NAME}.png", ""])
async def test_only_names_of_ours_are_read_or_written(storage: Storage, name: str) -> None:
    for work in (storage.read(name), storage.put({name: b"x"}), storage.delete([name])):
        with pytest.raises(ValueError, match="not the name"):
            await work


async def _fails(storage: Storage, *works: Callable[[Storage], object]) -> str:
    with pytest.raises(StorageAway) as away:
        await storage.check()
    with pytest.raises(StorageAway):
        await storage.put({f"{NAME}.png": b"x"})
    return str(away.value)


async def test_a_bucket_that_does_not_answer_is_away(bucket: Bucket) -> None:
    gone = open_storage(replace(bucket.settings(), aws_endpoint_url=f"http://127.0.0.1:{free_port()}"))
    assert "\n" not in await _fails(gone)
    with pytest.raises(StorageAway):
        await gone.read(f"{NAME}.png")


async def test_a_bucket_that_is_not_there_is_away_and_not_empty(bucket: Bucket) -> None:
    missing = open_storage(replace(bucket.settings(), media_url="s3://no-such-bucket"))
    await _fails(missing)
    with pytest.raises(StorageAway):
        await missing.read(f"{NAME}.png")


async def test_a_folder_that_became_something_else_is_away(tmp_path: Path) -> None:
    storage = open_storage(Settings(media_url=str(tmp_path / "media")))
    await storage.put({f"{NAME}.png": b"x"})
    shutil.rmtree(tmp_path / "media")
    (tmp_path / "media").write_text("a file")
    assert "media" in await _fails(storage)
    with pytest.raises(SettingsError, match="cannot be used"):
        open_storage(Settings(media_url=str(tmp_path / "media")))


@pytest.mark.parametrize("url", ["s3://bucket", "s3://my-bucket.eu/site/media", "var/media", "/srv/media"])
def test_files_may_lie_in_a_folder_or_a_bucket(url: str) -> None:
    key = {
        "SECRET_KEY": "s" * 40,
        "AWS_ENDPOINT_URL": "https://storage.example.org/",
        "AWS_DEFAULT_REGION": "eu-north-1",
    }
    settings = read_settings({"MEDIA_URL": url, **key})
    assert settings.media_url == url
    assert settings.aws_endpoint_url == "https://storage.example.org"
    assert settings.aws_region == "eu-north-1"
    assert "secret" not in repr(read_settings({"AWS_SECRET_ACCESS_KEY": "secret", **key}))


@pytest.mark.parametrize("url", ["s3://", "s3://A", "s3://bucket?x=1", "gs://bucket", "http://x/y", "s3://user:pass@x"])
def test_other_places_are_refused_in_words(url: str) -> None:
    with pytest.raises(SettingsError, match="MEDIA_URL must be a folder or"):
        read_settings({"MEDIA_URL": url, "SECRET_KEY": "s" * 40})
    with pytest.raises(SettingsError, match="AWS_ENDPOINT_URL must be"):
        read_settings({"AWS_ENDPOINT_URL": "storage.example.org", "SECRET_KEY": "s" * 40})
