"""The `blog` command. Each subcommand calls something below; what cannot be done is one sentence and exit code 1."""

import sys
from importlib import import_module

import click

from blog.database import unreachable
from blog.settings import SettingsError

_COMMANDS = {
    "backup": "backups.backup",
    "check": "checking.check",
    "export": "exports.export",
    "import": "imports.import_",
    "migrate": "migrating.migrate",
    "restore": "backups.restore",
    "serve": "serving.serve",
    "user": "people.user",
}


class Commands(click.Group):
    """The commands, each loaded when it is called: every worker of the server loads this file too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"blog.cli.{module}"), name)
        return command


@click.group(cls=Commands)
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
