"""`blog serve`: the site. Workers are forked from this process, so it loads only what they need."""

import socket
from concurrent.futures import ProcessPoolExecutor
from ctypes import CDLL
from importlib import import_module
from multiprocessing import get_context

import click

from blog.settings import Settings, read_settings

STOP_SECONDS = 4
HEADER_SECONDS = 10
MOST_AT_ONCE = 200
"""Requests that one worker answers at the same time."""
M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8
"""What malloc.h calls them."""


@click.command()
def serve() -> None:
    """Serve the site until Ctrl-C; requests in flight are finished first.

    Example: WORKERS=2 PORT=8080 blog serve
    """
    settings = read_settings()
    address = _free_address(settings)
    setup_link = _insist_on_readiness()
    click.echo(f"The blog is at {settings.base_url} (Ctrl-C stops it).")
    if setup_link:
        click.echo(f"Nobody can sign in yet. Make the first admin here, once: {setup_link}")
    _run_server(settings, address)


def _insist_on_readiness() -> str | None:
    """Have another process look whether all is ready, while this one loads the application."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as other:
        looked = other.submit(_look)
        import_module("blog.app")
        return looked.result()


def _look() -> str | None:
    from blog.cli import readiness

    return readiness.insist()


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


def _run_server(settings: Settings, address: str) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings

    from blog.app import serving_app

    _give_memory_back()
    Granian(
        "blog",
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        websockets=False,
        respawn_failed_workers=True,
        # What comes while so many are being answered waits to be accepted; nobody may hold a place with half a request.
        backpressure=MOST_AT_ONCE,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        workers_kill_timeout=STOP_SECONDS,
        log_enabled=settings.log_level == "DEBUG",
    ).serve(target_loader=serving_app, wrap_loader=False)


def _give_memory_back() -> None:
    """Have the workers, which are forked from here, give back to the system what they no longer use.

    By itself the GNU C library keeps more the more was used at once, and apart for each thread.
    """
    mallopt = getattr(CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, 128 * 1024)
        mallopt(M_ARENA_MAX, 2)
