"""The outbox: letters that were written in the transaction of what they tell, and go out afterwards."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from blog.models.base import Base, RowId, stored_enum
from blog.models.event import Event
from blog.models.user import LONGEST_EMAIL

LEASE = timedelta(minutes=5)
"""For how long a sender holds a letter: longer than any sending can take. If its process dies, another goes on then."""
GIVEN_UP_AFTER = timedelta(days=3)
KEPT_FOR = timedelta(days=30)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_REASON = 500
_WAITING = text("status = 'waiting'")


class MailStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """One letter to one address.

    Its text may hold a link that opens an account, so it is only kept while it is needed: once the letter went out, or
    was given up, whoever reads the database (a backup, a stolen disk) must not find links that still work.
    """

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "next_try_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_mails_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[RowId]
    address: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    template: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(255), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    """What it says; empty for a letter that is only written when its turn to be sent comes."""
    html: Mapped[str] = mapped_column(Text, default="")
    unsubscribe: Mapped[str] = mapped_column(String(255), default="")
    """Where one click ends letters of this kind; empty where there is nothing to end."""
    status: Mapped[MailStatus] = mapped_column(stored_enum(MailStatus), default=MailStatus.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    """Why the last try failed."""
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    """Until then a sender is at work on it, and nobody else may take it."""
    expires_at: Mapped[datetime]
    """After this it is of no use to send it."""
    sent_at: Mapped[datetime | None]

    @property
    def is_waiting(self) -> bool:
        return self.status == MailStatus.WAITING

    def claim(self, now: datetime) -> None:
        """Take it for one try; until the lease ends nobody else takes it."""
        self.tries += 1
        self.held_until = now + LEASE

    def mark_sent(self, now: datetime) -> None:
        self.status, self.sent_at, self.reason = MailStatus.SENT, now, ""
        self._forget_words()

    def put_off(self, reason: str, now: datetime) -> None:
        """Let it wait for its next try, each time longer."""
        self.reason, self.held_until = reason[:LONGEST_REASON], None
        self.next_try_at = now + min(FIRST_PAUSE * 2 ** min(self.tries - 1, 10), LONGEST_PAUSE)

    def give_up(self, reason: str, now: datetime) -> Event:
        self.status, self.reason = MailStatus.FAILED, reason[:LONGEST_REASON]
        self._forget_words()
        return Event.about("mail.failed", self, now, None)

    def _forget_words(self) -> None:
        self.text = self.html = self.unsubscribe = ""
