"""Mail: a stand-in until there is an outbox; it sends nothing and says so."""

from sqlalchemy.ext.asyncio import AsyncSession


async def post_mail(db: AsyncSession, *, to: str, template: str, language: str = "", **context: object) -> bool:
    """Put a mail into the outbox, in the transaction of the caller; False when there is no mail."""
    return False
