"""Mail: letters from templates, an outbox that survives a restart, and one sender for each."""

from blog.mail.office import Office, open_office, post_mail
from blog.mail.sending import sending

__all__ = ["Office", "open_office", "post_mail", "sending"]
