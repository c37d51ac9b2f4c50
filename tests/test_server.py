"""The server as a process: it starts, says where it is, finishes what it began, and ends in time."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from live import BLOG, SECONDS_TO_START, environment_for, free_port

SECONDS_TO_END = 20


@contextmanager
def served(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run `blog serve` in a process group of its own until it answers."""
    server = subprocess.Popen(
        [BLOG, "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    assert server.stdout
    listener = threading.Thread(target=said.extend, args=(server.stdout,))
    listener.start()
    try:
        until(lambda: listens(environment) or server.poll() is not None)
        assert httpx.get(f"{environment['BASE_URL']}/health/ready").text == "ready", said
        yield server, said
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        listener.join()
        server.stdout.close()


def listens(environment: dict[str, str]) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(environment["PORT"]))).close()
    except ConnectionRefusedError:
        return False
    return True


def until(happened: Callable[[], bool]) -> None:
    """Look again and again; a test that waits for what never happens fails."""
    for _ in range(SECONDS_TO_START * 50):
        if happened():
            return
        time.sleep(0.02)
    pytest.fail("this never happened")


@pytest.fixture
def environment(database: str, copies: Any, tmp_path: Path) -> dict[str, str]:
    port = free_port()
    return environment_for(copies(database), tmp_path, PORT=str(port), BASE_URL=f"http://127.0.0.1:{port}")


FORM = b"email=nobody@example.org&password=wrong+password"


def begin_form(environment: dict[str, str]) -> socket.socket:
    """Send half a form, and wait until the application reads it."""
    client = socket.create_connection(("127.0.0.1", int(environment["PORT"])))
    head = (
        f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {environment['BASE_URL']}\r\nExpect: 100-continue\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(FORM)}\r\n\r\n"
    )
    client.sendall(head.encode() + FORM[:20])
    assert b" 100 " in client.recv(1000)
    return client


def by_term(server: subprocess.Popen[str]) -> None:
    server.terminate()


def by_ctrl_c(server: subprocess.Popen[str]) -> None:
    """Tell every process at once, as a terminal does."""
    os.killpg(server.pid, signal.SIGINT)


@pytest.mark.parametrize(
    ("database", "workers", "stop"),
    [
        ("sqlite", "1", by_term),
        ("sqlite", "3", by_ctrl_c),
        ("postgresql", "1", by_ctrl_c),
        ("postgresql", "3", by_term),
    ],
    indirect=["database"],
)
def test_a_stopped_server_answers_what_it_began_and_ends(
    environment: dict[str, str], workers: str, stop: Callable[[subprocess.Popen[str]], None]
) -> None:
    with served(environment | {"WORKERS": workers}) as (server, said), begin_form(environment) as client:
        stopped = time.monotonic()
        stop(server)
        until(lambda: not listens(environment))
        stop(server)  # who is impatient says it again; nothing may be lost by that
        client.sendall(FORM[20:])
        assert b" 422 " in client.recv(1000).splitlines()[0]
        assert server.wait() == 0
        assert time.monotonic() - stopped < SECONDS_TO_END
    assert "Traceback" not in "".join(said)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_client_that_never_finishes_does_not_keep_the_server_alive(environment: dict[str, str]) -> None:
    with served(environment) as (server, _), begin_form(environment):
        server.terminate()
        server.wait(SECONDS_TO_END)


def setup_links(said: list[str]) -> list[str]:
    return [line[line.index("http") :].strip() for line in said if "/setup?token=" in line]


def test_the_setup_link_is_printed_until_somebody_can_sign_in(environment: dict[str, str]) -> None:
    with served(environment) as (_, said):
        first = setup_links(said)
        assert [httpx.get(link).status_code for link in first] == [200]
    with served(environment) as (_, said):
        assert [httpx.get(link).status_code for link in first + setup_links(said)] == [404, 200], "each start makes one"
    words = ["user", "add", "mei@example.org", "--name", "Mei", "--role", "admin", "--password-stdin"]
    subprocess.run(
        [BLOG, *words], env=environment, input="four unrelated words", text=True, check=True, stdout=subprocess.DEVNULL
    )
    with served(environment) as (server, said):
        by_term(server)
        server.wait()
    assert any(environment["BASE_URL"] in line for line in said)
    assert not setup_links(said)


def test_a_taken_port_is_one_sentence_and_the_first_server_keeps_its_link(environment: dict[str, str]) -> None:
    with served(environment) as (_, said):
        second = subprocess.run([BLOG, "serve"], env=environment, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert second.stderr.startswith(f"Error: The blog cannot listen on 127.0.0.1, port {environment['PORT']}")
        assert second.stderr.count("\n") == 1
        assert [httpx.get(link).status_code for link in setup_links(said)] == [200]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_host_may_be_a_name(environment: dict[str, str]) -> None:
    with served(environment | {"HOST": "localhost"}) as (server, _):
        assert server.poll() is None
