"""What the blog needs others for: the database, the place of uploads, mail, and time for hashing passwords."""

import asyncio
import time

from argon2 import extract_parameters
from sqlalchemy import text

from blog.auth.passwords import hash_password
from blog.checks.finding import Finding
from blog.database import Sessions, unreachable
from blog.database.schema import Schema, schema_of
from blog.languages import mark
from blog.settings import Settings
from blog.smtp import parse_smtp_url
from blog.storage import Storage, StorageAway

MAIL_SECONDS = 5
SLOWEST_HASH_MS = 2000
LEAST_KIB = {1: 47_104, 2: 19_456, 3: 12_288, 4: 9_216, 5: 7_168}
"""The memory that Argon2id needs at least by its passes (OWASP, Password Storage)."""
DATABASE, SCHEMA, UPLOADS = mark("Database"), mark("Schema"), mark("Uploads")
MAIL, PASSWORDS = mark("Mail"), mark("Passwords")


async def database(sessions: Sessions, settings: Settings, seconds: float) -> tuple[list[Finding], bool]:
    """See that the database answers and has our schema; tell whether it can be asked for more."""
    try:
        async with asyncio.timeout(seconds), sessions() as db:
            query = "SELECT sqlite_version()" if settings.is_sqlite else "SHOW server_version"
            number = str(await db.scalar(text(query))).split(" ")[0]
            schema = await schema_of(db)
    except Exception as error:
        values = {"reason": unreachable(error) or type(error).__name__}
        mend = mark("Start the database, or correct DATABASE_URL.")
        return [Finding(DATABASE, "%(reason)s", mend, values)], False
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    reached = Finding(DATABASE, mark("%(kind)s %(number)s answers."), values={"kind": kind, "number": number})
    return [reached, _schema(schema)], schema == Schema.CURRENT


def _schema(schema: Schema) -> Finding:
    if schema == Schema.NEWER:
        words = mark("The database was made by a newer version of the blog.")
        return Finding(SCHEMA, words, mark("Use that version."))
    if schema == Schema.OLDER:
        words = mark("The database does not have this version’s schema yet.")
        return Finding(SCHEMA, words, mark("Run: blog migrate"))
    return Finding(SCHEMA, mark("The database has the schema of this version."))


async def storage(storage: Storage, settings: Settings, seconds: float) -> list[Finding]:
    """See that uploads can be written and deleted."""
    values = {"place": settings.media_url, "reason": "", "seconds": round(seconds)}
    try:
        async with asyncio.timeout(seconds):
            await storage.check()
    except StorageAway as away:
        mend = mark("Make the folder or bucket writable for the blog, or correct MEDIA_URL and the AWS_ settings.")
        words = mark("Files cannot be kept in %(place)s: %(reason)s.")
        return [Finding(UPLOADS, words, mend, values | {"reason": str(away)})]
    except TimeoutError:
        mend = mark("See whether the bucket’s server runs and can be reached from here.")
        return [Finding(UPLOADS, mark("%(place)s did not answer within %(seconds)s seconds."), mend, values)]
    return [Finding(UPLOADS, mark("Files can be kept in %(place)s."), values=values)]


async def passwords() -> Finding:
    """Hash a password: the costs must be high enough to resist guessing, and low enough for people to wait."""
    began = time.process_time()
    made = extract_parameters(await hash_password("a password to measure with"))
    values = {
        "memory": made.memory_cost // 1024,
        "passes": made.time_cost,
        "ms": round((time.process_time() - began) * 1000),
    }
    words = mark("Argon2id takes %(ms)s ms of processor time, %(memory)s MiB and %(passes)s passes for a password.")
    if made.memory_cost < LEAST_KIB[min(made.time_cost, max(LEAST_KIB))]:
        return Finding(PASSWORDS, words, mark("That is too little: raise the memory to 19 MiB or more."), values)
    if values["ms"] > SLOWEST_HASH_MS:
        return Finding(
            PASSWORDS, words, mark("That is slow: give the machine more processor time, or lower the costs."), values
        )
    return Finding(PASSWORDS, words, values=values)


async def mail(settings: Settings, seconds: float) -> Finding:
    """See that the mail server answers, if there is one."""
    if not settings.smtp_url:
        return Finding(MAIL, mark("No mail server is set, so links are shown to admins to be passed on."))
    server = parse_smtp_url(settings.smtp_url)
    values = {"host": server.host, "port": server.port}
    try:
        async with asyncio.timeout(seconds):
            problem = await asyncio.to_thread(reach_mail, server.host, server.port, server.tls)
    except TimeoutError:
        problem = "no answer in time"
    if problem:
        mend = mark("See whether that server runs and lets this machine in, or correct SMTP_URL.")
        return Finding(MAIL, mark("%(host)s, port %(port)s: %(reason)s."), mend, values | {"reason": problem})
    return Finding(MAIL, mark("The server %(host)s answers."), values=values)


def reach_mail(host: str, port: int, tls: str) -> str:
    """Connect to a mail server, greet it and leave; give what went wrong in a few words, or nothing.

    `tls` is `implicit`, `starttls` or `none`.
    """
    # Only this needs them, and few ask for it.
    import smtplib
    import ssl

    context = ssl.create_default_context()
    try:
        if tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=MAIL_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=MAIL_SECONDS)
        with server:
            server.ehlo_or_helo_if_needed()
            if tls == "starttls":
                server.starttls(context=context)
                server.ehlo()
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return ""
