"""What proves a second factor of somebody. Only pages of sign-in and of accounts ask for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Passkey, RecoveryCode, Totp, User


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """What one person has set up."""

    app: Totp | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def has_app(self) -> bool:
        return self.app is not None and self.app.confirmed_at is not None

    @property
    def count(self) -> int:
        """How many there are; recovery codes only stand in for them."""
        return len(self.passkeys) + self.has_app


async def of_user(db: AsyncSession, user_id: int) -> SecondFactors:
    """Fetch what somebody has set up."""
    app = await db.get(Totp, user_id, populate_existing=True)
    keys = await db.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))
    codes = await db.scalar(select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id))
    return SecondFactors(app, keys.all(), codes or 0)


async def holders(db: AsyncSession, user_ids: Iterable[int]) -> set[int]:
    """Tell who of these people has a second factor."""
    return set(await db.scalars(select(User.id).where(User.id.in_(list(user_ids)), _holds())))


async def note_step(db: AsyncSession, user_id: int, step: int) -> bool:
    """Use up a code of an app with all older ones; of two requests with one code only one is told True."""
    fresh = update(Totp).where(Totp.user_id == user_id, Totp.last_step < step, Totp.confirmed_at.is_not(None))
    return await _changed(db, fresh.values(last_step=step)) == 1


async def use_recovery_code(db: AsyncSession, user_id: int, code_hash: str) -> bool:
    """Use up a recovery code; of two requests with one code only one is told True."""
    query = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash)
    return await _changed(db, query) == 1


async def replace_recovery_codes(db: AsyncSession, user_id: int, hashes: Iterable[str]) -> None:
    """Void the recovery codes of somebody and give them others."""
    await _changed(db, delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.add_all(RecoveryCode(user_id=user_id, code_hash=code_hash) for code_hash in hashes)


async def passkey(db: AsyncSession, credential_id: str) -> Passkey | None:
    """Fetch a passkey by its own name, with its person."""
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    return await db.scalar(query.options(joinedload(Passkey.user, innerjoin=True)))


async def note_use(db: AsyncSession, key: Passkey, sign_count: int, now: datetime) -> bool:
    """Note that a passkey was used, with its new count; False when it is gone or counted on meanwhile."""
    query = update(Passkey).where(Passkey.id == key.id, Passkey.sign_count == key.sign_count)
    return await _changed(db, query.values(sign_count=sign_count, last_used_at=now)) == 1


async def own_passkey(db: AsyncSession, user_id: int, passkey_id: int) -> Passkey | None:
    """Fetch one of somebody's passkeys."""
    return await db.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id))


async def remove_app(db: AsyncSession, user_id: int) -> None:
    """Take somebody's app away."""
    await _changed(db, delete(Totp).where(Totp.user_id == user_id))


async def remove_recovery_codes(db: AsyncSession, user_id: int) -> None:
    """Void somebody's recovery codes."""
    await _changed(db, delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def remove_all(db: AsyncSession, user_id: int) -> bool:
    """Take away whatever proves a second factor of somebody; False when there was nothing."""
    kinds = (Totp, Passkey, RecoveryCode)
    return sum([await _changed(db, delete(kind).where(kind.user_id == user_id)) for kind in kinds]) > 0


def _holds() -> ColumnElement[bool]:
    app = exists().where(Totp.user_id == User.id, Totp.confirmed_at.is_not(None))
    return or_(app, exists().where(Passkey.user_id == User.id))


async def _changed(db: AsyncSession, query: Update | Delete) -> int:
    result = await db.execute(query.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - tells the type checker what UPDATE and DELETE give
    return result.rowcount
