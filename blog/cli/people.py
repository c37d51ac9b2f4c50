"""`blog user`: add people, list them, change what they may do."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy.ext.asyncio import AsyncSession

from blog.auth.passwords import hash_password, problem_with, use_costs
from blog.cli.work import with_database, write
from blog.forms.account import check_email
from blog.forms.fields import Fields
from blog.models import Event, News, Notice, Role, User
from blog.models.user import LONGEST_NAME
from blog.queries import logins, second_factors, site, tokens, users
from blog.settings import read_settings


@click.group()
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
    password_hash = asyncio.run(
        hash_password(_password(password_stdin, known=Known(name, email, with_database(_site_title))))
    )

    async def add(db: AsyncSession, now: datetime) -> None:
        if await users.by_email(db, email):
            raise click.ClickException(f"There is somebody with the address {email} already.")
        username = await users.free_username(db, name)
        person = User(name=name, username=username, password_hash=password_hash, role=Role(role), created_at=now)
        person.set_email(email)
        db.add(person)
        await db.flush()  # the event names the person by id
        db.add(Event.about("user.added", person, now, None, role=role))

    write(add)
    click.echo(f"Added {name} ({role}).")


@user.command("list")
def list_users() -> None:
    """List everybody, by username.

    Example: blog user list
    """

    async def fetch(db: AsyncSession, _: datetime) -> list[User]:
        rows: list[User] = []
        while (found := await users.page(db, len(rows) // users.ADMIN_SIZE + 1)) is not None:
            rows += found.items
            if found.number == found.pages:
                break
        return rows

    for person in with_database(fetch):
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

    write(change)
    click.echo(f"{who} is now {role}; their sign-ins were ended.")


@user.command("password")
@click.argument("who")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def change_password(who: str, password_stdin: bool) -> None:
    """Give a person a new password. WHO is an e-mail address or a username.

    Example: echo 'four unrelated words' | blog user password mei@example.org --password-stdin
    """
    password_hash = asyncio.run(hash_password(_password(password_stdin, known=with_database(_known_of(who)))))

    async def change(db: AsyncSession, now: datetime) -> None:
        person = await _find(db, who)
        db.add(person.change_password(password_hash, now=now, by=None))
        await logins.end_all(db, person)
        await tokens.end_all(db, person)

    write(change)
    click.echo(f"The password of {who} is changed; their sign-ins were ended.")


@user.command("two-factor-reset")
@click.argument("who")
def reset_second_factor(who: str) -> None:
    """Let a person in with the password alone, when phone and recovery codes are lost. WHO is an e-mail address or a username.

    Example: blog user two-factor-reset mei@example.org
    """

    async def reset(db: AsyncSession, now: datetime) -> None:
        person = await _find(db, who)
        if not await second_factors.remove_all(db, person.id):
            raise click.ClickException(f"{who} has no second factor.")
        db.add(Event.about("user.second_factor_reset", person, now, None))
        db.add(Notice.of_account(News.SECOND_FACTOR_RESET, person, now=now, by=None))
        await logins.end_all(db, person)

    write(reset)
    click.echo(f"The second factor of {who} is taken away; their sign-ins were ended.")


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

    write(change)
    click.echo(f"{who} can sign in again." if undo else f"{who} is suspended; their sign-ins were ended.")


async def _find(db: AsyncSession, who: str) -> User:
    person = await users.by_email(db, who) or (await users.by_usernames(db, [who])).get(who)
    if person is None:
        raise click.ClickException(f"There is nobody with the address or username {who}.")
    return person


async def _insist_on_another_admin(db: AsyncSession, person: User) -> None:
    if await users.lock_admins(db) == {person.id}:
        raise click.ClickException(f"{person.name} is the last active admin. Make somebody else an admin first.")


@dataclass(frozen=True, slots=True)
class Known:
    """What guessers know of somebody, so that no password may be made of it."""

    name: str
    email: str
    site: str


async def _site_title(db: AsyncSession, _: datetime) -> str:
    return (await site.current(db)).title


def _known_of(who: str) -> Callable[[AsyncSession, datetime], Awaitable[Known]]:
    async def find(db: AsyncSession, now: datetime) -> Known:
        person = await _find(db, who)
        if person.email is None:
            raise click.ClickException(f"{who} has no e-mail address to sign in with.")
        return Known(person.name, person.email, await _site_title(db, now))

    return find


def _password(from_stdin: bool, known: Known) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise click.ClickException("There is no terminal to ask for the password on; use --password-stdin.")
    if problem := problem_with(password, name=known.name, email=known.email, site=known.site):
        raise click.ClickException(problem)
    use_costs(read_settings())
    return password
