"""The `blog` command. Each subcommand calls something below; what cannot be done is one sentence and exit code 1."""

import sys

import click

from blog.cli import imports, people, serving
from blog.database import unreachable
from blog.settings import SettingsError


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


def _fail(sentence: str) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(1)


for _command in (serving.serve, serving.migrate, people.user, imports.import_):
    blog.add_command(_command)
