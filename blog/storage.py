"""Where uploaded files lie: a folder of this machine, or a bucket of whatever speaks S3.

Everything that reads or writes such a file goes through `Storage`. Files have names of ours and are never changed:
new content gets a new name. A storage that does not answer raises `StorageAway`, which means "try again later".
"""

import asyncio
import logging
import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from blog.content.files import Content
from blog.settings import Settings, SettingsError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config  # the library has them for checkers only

PIECE = 1024 * 1024
"""Bytes that are fetched at a time: a slow reader of a large file holds neither much memory nor a connection."""
CONNECT, ANSWER = timedelta(seconds=3), timedelta(seconds=30)
RETRIES, RETRY_FOR = 2, timedelta(seconds=10)
NO_BUCKET = "NoSuchBucket"
"""How S3 calls it; a file that is not there is another thing."""
NAME = re.compile(r"[0-9a-f]{32}(-[1-9][0-9]{0,4})?\.[a-z0-9]{3,4}")

Result = TypeVar("Result")
log = logging.getLogger("blog")


class StorageAway(Exception):
    """The files cannot be reached or written just now; the text says why in a line, for the operator."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a file, and how many the whole of it has."""

    content: bytes
    size: int


class Storage:
    """The files by name. `folder` is where they lie, if they lie on this machine."""

    def __init__(self, store: LocalStore | MemoryStore | S3Store, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, files: Mapping[str, Content]) -> None:
        """Write files in their order; when this returns they are there, even after a power cut."""
        for name, content in files.items():
            if await _unless_gone(obstore.put_async(self._store, _ours(name), content)) is None:
                raise StorageAway(f"there is no place for {name}")
        if self._folder:
            await _unless_gone(asyncio.to_thread(_settle, self._folder, list(files)))

    async def read(self, name: str, first: int = 0, last: int = PIECE - 1) -> Piece | None:
        """Give the bytes from `first` to `last`, both counted in, as far as the file goes; None when it is gone."""
        return await _unless_gone(self._read(name, first, last))

    async def pieces(self, name: str, first: int, last: int) -> AsyncIterator[bytes]:
        """Give the bytes from `first` to `last` piece by piece; it ends early when the file is gone."""
        while first <= last:
            piece = await self.read(name, first, min(last, first + PIECE - 1))
            if piece is None or not piece.content:
                return
            yield piece.content
            first += len(piece.content)

    async def has(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return await self.read(name, 0, 0) is not None

    async def delete(self, names: Iterable[str]) -> None:
        """Delete files; one that is gone already is no error."""
        for name in names:
            await _unless_gone(obstore.delete_async(self._store, _ours(name)))

    async def check(self) -> None:
        """See that files can be written and deleted; raise StorageAway."""
        name = new_name("test")
        await self.put({name: b"test"})
        await self.delete([name])

    async def _read(self, name: str, first: int, last: int) -> Piece:
        got = await obstore.get_async(self._store, _ours(name), options={"range": (first, last + 1)})
        return Piece(bytes(await got.bytes_async()), got.meta["size"])


def new_name(extension: str) -> str:
    """Give a name for a file that nobody can guess."""
    return f"{secrets.token_hex(16)}.{extension}"


def open_storage(settings: Settings) -> Storage:
    """Open the storage that the settings name. A folder is made if it is not there; a bucket is not asked for yet."""
    if settings.media_url.startswith("s3://"):
        return Storage(_bucket(settings))
    folder = Path(settings.media_url).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Storage(LocalStore(folder), folder)
    except OSError as error:
        raise SettingsError(f"The folder of uploads, {folder}, cannot be used: {error.strerror or error}.") from error


def _bucket(settings: Settings) -> S3Store:
    name, _, prefix = settings.media_url.removeprefix("s3://").partition("/")
    config: S3Config = {"region": settings.aws_region or "us-east-1"}
    client: ClientConfig = {"connect_timeout": CONNECT, "timeout": ANSWER}
    # What is not given here, the library looks for where Amazon's own programs do.
    if settings.aws_access_key_id:
        config["access_key_id"] = settings.aws_access_key_id
        config["secret_access_key"] = settings.aws_secret_access_key
    if settings.aws_session_token:
        config["session_token"] = settings.aws_session_token
    if settings.aws_endpoint_url:
        config["endpoint"] = settings.aws_endpoint_url
        client["allow_http"] = settings.aws_endpoint_url.startswith("http://")
    return S3Store(
        name,
        prefix=prefix.strip("/") or None,
        config=config,
        client_options=client,
        retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
    )


def _ours(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a stored file")
    return name


async def _unless_gone(work: Awaitable[Result]) -> Result | None:
    """Await an answer of the storage; None when it says that there is no such file."""
    try:
        return await work
    except FileNotFoundError as error:
        if NO_BUCKET in str(error):
            raise _away(error) from error
        return None
    except (BaseError, OSError) as error:
        raise _away(error) from error


def _away(error: Exception) -> StorageAway:
    """Word a failure in one line; the library adds pages for debugging."""
    reason = "there is no such bucket" if NO_BUCKET in str(error) else str(error).splitlines()[0]
    log.warning("the storage of files does not work: %s", reason)
    return StorageAway(reason)


def _settle(folder: Path, names: list[str]) -> None:
    """Make sure that what was written is on the disk."""
    for path in [*(folder / name for name in names), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
