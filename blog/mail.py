"""Mail: a stand-in until there is an outbox; it sends nothing and says so."""

from sqlalchemy.ext.asyncio import AsyncSession

from blog.settings import Settings


def is_set_up(settings: Settings) -> bool:
    """Tell whether there is a server that takes mail."""
    return bool(getattr(settings, "smtp_url", ""))


async def post_mail(db: AsyncSession, *, to: str, template: str, language: str = "", **context: object) -> bool:
    """Put a mail into the outbox, in the transaction of the caller; False when there is no mail."""
    return False
