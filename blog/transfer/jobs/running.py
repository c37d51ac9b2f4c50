"""Doing the imports and exports that admins ask for, beside the requests: part of the application's life.

Every process looks for jobs and does one at a time. A job is taken in a transaction of its own and held by signs of
life; should its process die, the hold ends and another takes it up again, a few times at most. Imports find what they
brought in already, and exports begin anew, so that doing a job twice does no harm.
"""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from blog import languages
from blog.database import begin_write
from blog.languages import gettext as _
from blog.media import discard
from blog.models import Event, Transfer, TransferState, User
from blog.models.transfer import MOST_TRIES
from blog.queries import site as sites
from blog.queries import transfers
from blog.storage import StorageAway
from blog.transfer.jobs.yard import Outcome, Stand, Yard
from blog.transfer.terms import ExportRefused, ImportRefused

CLOSING_SECONDS = 2.5
TIDY_EVERY = timedelta(minutes=10)
SCRATCH = "blog-transfer-"
REFUSED = (ImportRefused, ExportRefused)

log = logging.getLogger("blog.transfers")


def moving(yard: Yard) -> Any:
    """Make the part of the application's life in which it does jobs; with `look_seconds` 0 nobody does."""

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(_run(yard)) if yard.look_seconds else None
        try:
            yield
        finally:
            if task is not None:
                yard.closing.set()
                await asyncio.wait({task}, timeout=CLOSING_SECONDS)
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return life


async def _run(yard: Yard) -> None:
    tidied_at: datetime | None = None
    while not yard.closing.is_set():
        try:
            await do_all(yard)
            now = yard.clock()
            if tidied_at is None or now - tidied_at >= TIDY_EVERY:
                await tidy(yard)
                tidied_at = now
        except Exception as error:
            log.warning("imports and exports could not be looked after: %s", error)
        with suppress(TimeoutError):
            await asyncio.wait_for(yard.closing.wait(), yard.look_seconds)


async def do_all(yard: Yard) -> None:
    """Do the jobs that nobody works on, one after the other."""
    while not yard.closing.is_set() and (transfer := await _claim(yard)) is not None:
        await _do(yard, transfer)


async def tidy(yard: Yard) -> None:
    """Delete the files that have lain here for long enough, and forget the oldest jobs."""
    async with yard.sessions() as db:
        await begin_write(db)
        names = []
        for transfer in await transfers.with_old_files(db, yard.clock()):
            if transfer.result_until is None or transfer.result_until <= yard.clock():
                names.append(transfer.result)
                transfer.result = ""
            names.append(transfer.upload)
            transfer.upload = ""
        await transfers.forget_old(db, yard.clock())
        await db.commit()
    await _discard(yard, *names)


async def _claim(yard: Yard) -> Transfer | None:
    """Take the next job; one that broke off too often is given up."""
    async with yard.sessions() as db:
        now = yard.clock()
        if not await transfers.any_free(db, now):
            return None  # SQLite has one writer at a time; nobody queues for nothing
        await db.commit()
        await begin_write(db)
        while (transfer := await transfers.next_free(db, now)) is not None:
            if transfer.cancel_asked:
                await _note(db, transfer, TransferState.CANCELLED, now)
            elif transfer.tries >= MOST_TRIES:
                words = _("It broke off each time that it was tried. The log of the server says more.")
                await _note(db, transfer, TransferState.FAILED, now, words)
            else:
                transfer.claim(now)
                await db.commit()
                return transfer
            await db.commit()
            await begin_write(db)
        return None


async def _do(yard: Yard, transfer: Transfer) -> None:
    """Do a job under signs of life, and note what became of it."""
    # Importers and what they read with take as much memory as the pages of a site; most workers never need them.
    from blog.transfer.jobs.working import work

    async with yard.sessions() as db:
        languages.speak((await sites.current(db)).language)
    stand = Stand()
    prefix = f"{SCRATCH}{transfer.id}-"
    await asyncio.to_thread(_sweep, prefix)
    scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=prefix))
    job = asyncio.create_task(work(yard, transfer, scratch, stand))
    beating = asyncio.create_task(_beat(yard, transfer, stand))
    closing = asyncio.create_task(yard.closing.wait())
    try:
        await asyncio.wait({job, beating, closing}, return_when=asyncio.FIRST_COMPLETED)
        if job.done():
            await _settle(yard, transfer, job)
        else:
            await _ended(job)
            await _let_go(yard, transfer)
    finally:
        for task in (job, beating, closing):
            await _ended(task)
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)


async def _beat(yard: Yard, transfer: Transfer, stand: Stand) -> None:
    """Tell how far the job is, again and again; end when it is not ours any more or is to be cancelled."""
    while True:
        try:
            async with yard.sessions() as db:
                await begin_write(db)
                is_ours = await transfers.beat(db, transfer, stand.phase, stand.done, stand.total, yard.clock())
                await db.commit()
            if not is_ours:
                return
        except Exception as error:
            log.warning("the sign of life of transfer %d could not be given: %s", transfer.id, error)
        await asyncio.sleep(yard.beat_seconds)


async def _settle(yard: Yard, transfer: Transfer, job: asyncio.Task[Outcome]) -> None:
    """Note how a job ended; when another process has it by now, what was made here goes."""
    error = job.exception()
    outcome = job.result() if error is None else None
    reason = _words_of(error) if error else ""
    async with yard.sessions() as db:
        await begin_write(db)
        current = await transfers.held(db, transfer)
        if current is None:
            await db.commit()
            await _discard(yard, outcome.result if outcome else "")
            return
        if outcome is not None:
            current.result, current.result_size = outcome.result, outcome.size
            current.told, current.source = outcome.told, outcome.source
        done = current.upload if current.is_import and not (current.is_rehearsal and outcome) else ""
        current.upload = "" if done else current.upload
        await _note(db, current, TransferState.FAILED if error else TransferState.DONE, yard.clock(), reason)
        await db.commit()
    await _discard(yard, done)


async def _let_go(yard: Yard, transfer: Transfer) -> None:
    """Put a job back that was stopped half-way: for another process, or for good if that was asked for."""
    async with yard.sessions() as db:
        await begin_write(db)
        current = await transfers.held(db, transfer)
        upload = ""
        if current is not None and current.cancel_asked:
            upload, current.upload = current.upload, ""
            await _note(db, current, TransferState.CANCELLED, yard.clock())
        elif current is not None:
            current.put_back()
        await db.commit()
    await _discard(yard, upload)


async def _note(db: AsyncSession, transfer: Transfer, state: TransferState, now: datetime, reason: str = "") -> None:
    """Write how a job ended, with its event; the caller commits."""
    transfer.finish(state, now, reason)
    by = await db.get(User, transfer.asked_by_id) if transfer.asked_by_id else None
    is_done, has_failed = state == TransferState.DONE, state == TransferState.FAILED
    db.add(
        Event.about(
            "transfer.done" if is_done else "transfer.failed" if has_failed else "transfer.cancelled",
            transfer,
            now,
            by,
            name=transfer.name or transfer.kind,
        )
    )


async def _discard(yard: Yard, *names: str) -> None:
    await discard(yard.storage, [name for name in names if name])


async def _ended(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def _words_of(error: BaseException) -> str:
    if isinstance(error, REFUSED):
        return str(error)
    if isinstance(error, StorageAway):
        return _("The storage of files does not answer: %(why)s.") % {"why": str(error)}
    log.error("an import or export failed", exc_info=error)
    return _("The fault is ours, not yours: the log of the server says more. What was imported is whole.")


def _sweep(prefix: str) -> None:
    """Remove what a process of this machine left behind that died over the same job."""
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
