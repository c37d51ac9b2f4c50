"""The `blog` command. Each subcommand calls something below; what cannot be done is one sentence and exit code 1."""

import asyncio
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from blog import search
from blog.auth.passwords import hash_password, problem_with
from blog.auth.tokens import new_token, token_hash
from blog.database import begin_write, make_engine, make_sessions, unreachable
from blog.forms.account import check_email
from blog.forms.fields import Fields
from blog.models import Event, Purpose, Role, Token, User
from blog.models.user import LONGEST_NAME
from blog.queries import logins, site, users
from blog.queries.page import Page
from blog.settings import ROOT, Settings, SettingsError, read_settings
from blog.transfer.markdown import ImportRefused, import_folder
from blog.transfer.report import Report, as_text
from blog.transfer.sample import SAMPLE

SETUP_LIFETIME = timedelta(days=7)
STOP_SECONDS = 4
NEWER_DATABASE = "The database was made by a newer version of the blog. Use that version."
Result = TypeVar("Result")


@click.group()
@click.version_option("0.1.0", message="blog %(version)s")
def blog() -> None:
    """Run a publication: serve it, keep its database, its people and its posts."""


def main() -> None:
    """Run the command; a problem is told in one sentence, never as a traceback."""
    try:
        "".join(sys.argv).encode()  # what is not UTF-8 raises here, before anything has begun
        blog()
    except SettingsError as error:
        _fail(str(error))
    except UnicodeError:
        _fail("What was typed is not UTF-8 text.")
    except Exception as error:
        sentence = unreachable(error)
        if sentence is None:
            raise
        _fail(sentence)


@blog.command()
def serve() -> None:
    """Serve the site until Ctrl-C; requests in flight are finished first.

    Example: WORKERS=2 PORT=8080 blog serve
    """
    settings = read_settings()
    address = _free_address(settings)
    _insist_on_media_folder(settings)
    setup_link = _with_database(_ready_to_serve)
    click.echo(f"The blog is at {settings.base_url} (Ctrl-C stops it).")
    if setup_link:
        click.echo(f"Nobody can sign in yet. Make the first admin here, once: {setup_link}")
    _run_server(settings, address)


@blog.command()
@click.option("--sample", is_flag=True, help="Load the sample posts if the database is new.")
def migrate(sample: bool) -> None:
    """Bring the database to the schema of this version.

    Example: blog migrate
    """
    read_settings()
    try:
        command.upgrade(_alembic(), "head")
    except CommandError as error:
        raise click.ClickException(NEWER_DATABASE) from error
    if taken_in := asyncio.run(_take_into_search(read_settings())):
        click.echo(f"Posts taken into the search: {taken_in:,}.")
    click.echo("The database is up to date.")
    if sample and SAMPLE.is_dir() and _with_database(_is_new):
        _import_markdown(SAMPLE, None)


async def _take_into_search(settings: Settings) -> int:
    engine = make_engine(settings)
    sessions = make_sessions(engine)
    try:
        async with sessions() as db:
            language = (await site.current(db)).language
        return await search.catch_up(sessions, language)
    finally:
        await engine.dispose()


@blog.group()
def user() -> None:
    """Add people, list them, change what they may do."""


@user.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The name that readers see.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AUTHOR.value, show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a person who can sign in.

    Example: echo 'four unrelated words' | blog user add mei@example.org --name 'Mei Lin' --role editor --password-stdin
    """
    fields = Fields({"name": name})
    name = fields.text("name", longest=LONGEST_NAME, missing="A person needs a name.")
    check_email(email, fields.errors)
    if fields.errors:
        raise click.ClickException(next(iter(fields.errors.values())))
    password_hash = asyncio.run(hash_password(_password(password_stdin, name=name, email=email)))

    async def add(db: AsyncSession, now: datetime) -> None:
        if await users.by_email(db, email):
            raise click.ClickException(f"There is somebody with the address {email} already.")
        username = await users.free_username(db, name)
        person = User(name=name, username=username, password_hash=password_hash, role=Role(role), created_at=now)
        person.set_email(email)
        db.add(person)
        await db.flush()  # the event names the person by id
        db.add(Event.about("user.added", person, now, None, role=role))

    _write(add)
    click.echo(f"Added {name} ({role}).")


@user.command("list")
def list_users() -> None:
    """List everybody, those who can sign in first.

    Example: blog user list
    """

    async def fetch(db: AsyncSession, _: datetime) -> list[User]:
        rows: list[User] = []
        while (found := await users.page(db, len(rows) // users.ADMIN_SIZE + 1)) is not None:
            rows += found.items
            if found.number == found.pages:
                break
        return rows

    for person in _with_database(fetch):
        state = person.status.value if person.email else "no sign-in"
        click.echo(f"{person.email or '-':<32} {person.role.value:<12} {state:<12} {person.username:<24} {person.name}")


@user.command("role")
@click.argument("who")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def change_role(who: str, role: str) -> None:
    """Change what a person may do. WHO is an e-mail address or a username.

    Example: blog user role mei@example.org admin
    """

    async def change(db: AsyncSession, now: datetime) -> None:
        person = await _find(db, who)
        if role != Role.ADMIN:
            await _insist_on_another_admin(db, person)
        db.add(person.change_role(Role(role), now=now, by=None))
        await logins.end_all(db, person)

    _write(change)
    click.echo(f"{who} is now {role}; their sign-ins were ended.")


@user.command("password")
@click.argument("who")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def change_password(who: str, password_stdin: bool) -> None:
    """Give a person a new password. WHO is an e-mail address or a username.

    Example: echo 'four unrelated words' | blog user password mei@example.org --password-stdin
    """
    password_hash = asyncio.run(hash_password(_password(password_stdin)))

    async def change(db: AsyncSession, now: datetime) -> None:
        person = await _find(db, who)
        if person.email is None:
            raise click.ClickException(f"{who} has no e-mail address to sign in with.")
        db.add(person.change_password(password_hash, now=now, by=None))
        await logins.end_all(db, person)

    _write(change)
    click.echo(f"The password of {who} is changed; their sign-ins were ended.")


@user.command("suspend")
@click.argument("who")
@click.option("--undo", is_flag=True, help="Let the person sign in again.")
def suspend(who: str, undo: bool) -> None:
    """Keep a person from signing in; their posts stay. WHO is an e-mail address or a username.

    Example: blog user suspend mei@example.org
    """

    async def change(db: AsyncSession, now: datetime) -> None:
        person = await _find(db, who)
        if undo:
            db.add(person.reactivate(now=now, by=None))
            return
        await _insist_on_another_admin(db, person)
        db.add(person.suspend(now=now, by=None))
        await logins.end_all(db, person)

    _write(change)
    click.echo(f"{who} can sign in again." if undo else f"{who} is suspended; their sign-ins were ended.")


@blog.group("import")
def import_() -> None:
    """Bring posts in from elsewhere."""


@import_.command("markdown")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--assets", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where /assets/… links lie."
)
def import_markdown(folder: Path, assets: Path | None) -> None:
    """Import a folder of Markdown posts with YAML or TOML front matter; doing it again changes nothing.

    Example: blog import markdown ../old-site/content/posts --assets ../old-site
    """
    _import_markdown(folder, assets)


def _import_markdown(folder: Path, assets: Path | None) -> None:
    settings = read_settings()

    async def run() -> Report:
        engine = make_engine(settings)
        try:
            sessions = make_sessions(engine)
            async with sessions() as db:
                await _insist_on_schema(db)
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            console = Console(stderr=True, quiet=not sys.stderr.isatty())
            with Progress(*columns, console=console, transient=True) as bar:
                task = bar.add_task("Importing", total=None)
                return await import_folder(
                    sessions,
                    settings.media_folder,
                    folder,
                    assets=assets,
                    now=datetime.now(UTC),
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
        finally:
            await engine.dispose()

    try:
        click.echo(as_text(asyncio.run(run())))
    except ImportRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except KeyboardInterrupt:
        raise click.ClickException(
            "Stopped. What was imported is whole; the same command goes on from there."
        ) from None


async def _ready_to_serve(db: AsyncSession, now: datetime) -> str | None:
    """Give the link to the first set-up while nobody can sign in."""
    if await users.anybody_signs_in(db):
        return None
    await db.commit()
    await begin_write(db)
    token = new_token()
    await logins.drop_tokens(db, Purpose.SETUP)
    db.add(Token(purpose=Purpose.SETUP, token_hash=token_hash(token), created_at=now, expires_at=now + SETUP_LIFETIME))
    await db.commit()
    return f"{read_settings().base_url}/setup?token={token}"


async def _insist_on_schema(db: AsyncSession) -> None:
    connection = await db.connection()
    have = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    wanted = ScriptDirectory.from_config(_alembic()).get_heads()
    if set(have) == set(wanted):
        return
    known = {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if set(have) - known:
        raise click.ClickException(NEWER_DATABASE)
    raise click.ClickException("The database does not have this version's schema yet. Run: blog migrate")


async def _is_new(db: AsyncSession, _: datetime) -> bool:
    found: Page[User] | None = await users.page(db, 1)
    return found is None or found.total == 0


async def _find(db: AsyncSession, who: str) -> User:
    person = await users.by_email(db, who) or (await users.by_usernames(db, [who])).get(who)
    if person is None:
        raise click.ClickException(f"There is nobody with the address or username {who}.")
    return person


async def _insist_on_another_admin(db: AsyncSession, person: User) -> None:
    if await users.lock_admins(db) == {person.id}:
        raise click.ClickException(f"{person.name} is the last active admin. Make somebody else an admin first.")


def _password(from_stdin: bool, *, name: str = "", email: str = "") -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise click.ClickException("There is no terminal to ask for the password on; use --password-stdin.")
    if problem := problem_with(password, name=name, email=email):
        raise click.ClickException(problem)
    return password


def _write(work: Callable[[AsyncSession, datetime], Awaitable[Result]]) -> Result:
    async def in_one_transaction(db: AsyncSession, now: datetime) -> Result:
        await begin_write(db)
        result = await work(db, now)
        await db.commit()
        return result

    return _with_database(in_one_transaction)


def _with_database(work: Callable[[AsyncSession, datetime], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        engine: AsyncEngine = make_engine(read_settings())
        try:
            async with make_sessions(engine)() as db:
                await _insist_on_schema(db)
                await db.commit()
                return await work(db, datetime.now(UTC))
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _alembic() -> Config:
    return Config(ROOT / "alembic.ini")


def _free_address(settings: Settings) -> str:
    """Give the IP address to listen on, for Granian knows no names; insist that nobody else listens there."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "It is no name that a host can have"
        raise click.ClickException(
            f"The blog cannot listen on {settings.host}, port {settings.port}: {reason}. "
            "Stop what uses it, or set HOST and PORT."
        ) from error
    return str(address[0])


def _insist_on_media_folder(settings: Settings) -> None:
    folder = settings.media_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.ClickException(f"The folder of uploads, {folder}, cannot be written: {error.strerror}.") from error


def _run_server(settings: Settings, address: str) -> None:
    # Only this command needs them, and loading them takes as long as any other command takes.
    from granian import Granian
    from granian.constants import Interfaces

    from blog.app import serving_app

    Granian(
        "blog",
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_enabled=settings.log_level == "DEBUG",
    ).serve(target_loader=serving_app, wrap_loader=False)


def _fail(sentence: str) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(1)
