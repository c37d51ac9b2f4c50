"""Handing a message to the mail server."""

import asyncio
from email.message import EmailMessage

from blog.languages import gettext as _
from blog.smtp import SmtpServer

ANSWER_SECONDS = 30
SECONDS = 120
"""For one letter, all in all: far less than its lease."""
FOR_GOOD = 500


class NotTaken(Exception):
    """The server did not take a letter; `reason` is for the admins."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(NotTaken):
    """It never will take this letter, such as one to an address that does not exist."""


class Away(NotTaken):
    """It takes no letters at all just now: it cannot be reached, or does not let us in."""


async def deliver(server: SmtpServer, message: EmailMessage, *, sender: str, to: str) -> None:
    """Hand over one message; raises NotTaken when the server did not say that it has it."""
    # Loaded with the first letter: it takes a tenth of a second and memory that sites without mail can spare.
    import aiosmtplib

    try:
        async with asyncio.timeout(SECONDS):
            await aiosmtplib.send(
                message,
                sender=sender,
                recipients=[to],
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.tls == "implicit",
                start_tls=server.tls == "starttls",
                local_hostname=sender.rpartition("@")[2],
                timeout=ANSWER_SECONDS,
            )
    except TimeoutError as error:
        raise Away(_("The mail server did not answer in time.")) from error
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise _answered(refusal.code, refusal.message) from error
    except aiosmtplib.SMTPDataError as error:
        raise _answered(error.code, error.message) from error
    except aiosmtplib.SMTPAuthenticationError as error:
        sentence = _("The mail server does not accept the name and password of SMTP_URL: %(answer)s")
        raise Away(sentence % {"answer": f"{error.code} {error.message}"}) from error
    except aiosmtplib.SMTPResponseException as error:
        raise Away(_("The mail server answered: %(answer)s") % {"answer": f"{error.code} {error.message}"}) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Away(_("The mail server cannot be used: %(why)s") % {"why": str(error)}) from error
    except ValueError as error:
        # A message that cannot be written or an address that cannot be said; trying again changes nothing.
        raise Refused(_("This e-mail cannot be sent: %(why)s") % {"why": str(error)}) from error


def _answered(code: int, message: str) -> NotTaken:
    reason = _("The mail server answered: %(answer)s") % {"answer": f"{code} {message}"}
    return Refused(reason) if code >= FOR_GOOD else NotTaken(reason)
