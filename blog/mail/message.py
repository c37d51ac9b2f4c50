"""From a letter to the message that travels (RFC 5322)."""

import re
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from blog.mail.letters import Letter
from blog.models import Mail

NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]+")


def message_of(mail: Mail, letter: Letter, *, to: str, sender: str, site_title: str) -> EmailMessage:
    """Make the message. Python's policy refuses line ends in headers, so nothing that was typed can add one."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(" ".join(site_title.split()), addr_spec=sender)
    message["To"] = Address(addr_spec=with_plain_domain(to))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(mail.created_at.astimezone(UTC))
    # The same at every try: should a letter go out twice after all, programs can tell.
    host = sender.rpartition("@")[2]
    message["Message-ID"] = f"<mail-{mail.id}-{int(mail.created_at.timestamp())}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # nobody's holiday note need answer (RFC 3834)
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def sender_of(configured: str, base_host: str) -> str:
    """Give the address that our mail is from; one of the site's own host, where none was set."""
    return configured or f"noreply@{base_host if NAME.fullmatch(base_host) else 'localhost'}"


def with_plain_domain(address: str) -> str:
    """Write the domain of an address as servers know it, in ASCII (RFC 5891); leave what cannot be."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
