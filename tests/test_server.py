"""The server as a process: it starts, says where it is, finishes what it began, and ends in time."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from live import BLOG, environment_for, free_port

SECONDS_TO_END = 5


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
        with httpx.Client(transport=httpx.HTTPTransport(retries=12)) as visitor:
            assert visitor.get(f"{environment['BASE_URL']}/health/ready").text == "ready"
        yield server, said
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        listener.join()
        server.stdout.close()


@pytest.fixture
def environment(database: str, copies: Any, tmp_path: Path) -> dict[str, str]:
    port = free_port()
    return environment_for(copies(database), tmp_path, PORT=str(port), BASE_URL=f"http://127.0.0.1:{port}")


FORM = b"email=nobody@example.org&password=wrong+password"


@pytest.mark.parametrize(
    ("workers", "stop"), [("1", signal.SIGTERM), ("1", signal.SIGINT), ("3", signal.SIGTERM), ("3", signal.SIGINT)]
)
def test_a_stopped_server_answers_what_it_began_and_ends(environment: dict[str, str], workers: str, stop: int) -> None:
    with served(environment | {"WORKERS": workers}) as (server, said):
        client = socket.create_connection(("127.0.0.1", int(environment["PORT"])))
        head = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {environment['BASE_URL']}\r\nContent-Length: {len(FORM)}\r\n"
        client.sendall(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + FORM[:20])
        time.sleep(0.3)  # the server has the head and waits for the rest
        stopped = time.monotonic()
        if stop == signal.SIGINT:
            os.killpg(server.pid, stop)  # as a terminal does, to all processes at once
        else:
            server.send_signal(stop)
        time.sleep(0.3)
        client.sendall(FORM[20:])
        answer = client.recv(1000)
        client.close()
        assert b" 422 " in answer.splitlines()[0]
        assert server.wait(SECONDS_TO_END) in {0, -stop, 128 + stop}
        assert time.monotonic() - stopped < SECONDS_TO_END
    assert "Traceback" not in "".join(said)


def test_a_client_that_never_finishes_does_not_keep_the_server_alive(environment: dict[str, str]) -> None:
    address = ("127.0.0.1", int(environment["PORT"]))
    with served(environment) as (server, _), socket.create_connection(address) as client:
        client.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nx")
        time.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        server.wait(SECONDS_TO_END)


def test_the_setup_link_is_printed_until_somebody_can_sign_in(environment: dict[str, str]) -> None:
    with served(environment) as (server, said):
        server.send_signal(signal.SIGTERM)
        server.wait()
    links = [line for line in said if "/setup?token=" in line]
    assert len(links) == 1
    with served(environment) as (_, _):
        old = links[0].split("token=")[1].strip()
        assert httpx.get(f"{environment['BASE_URL']}/setup?token={old}").status_code == 404, (
            "each start makes a new one"
        )
    words = ["user", "add", "mei@example.org", "--name", "Mei", "--role", "admin", "--password-stdin"]
    subprocess.run(
        [BLOG, *words], env=environment, input="four unrelated words", text=True, check=True, stdout=subprocess.DEVNULL
    )
    with served(environment) as (server, said):
        server.send_signal(signal.SIGTERM)
        server.wait()
    assert not [line for line in said if "/setup" in line]


def test_a_taken_port_is_one_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        done = subprocess.run([BLOG, "serve"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: The blog cannot listen on 127.0.0.1, port {environment['PORT']}")
    assert done.stderr.count("\n") == 1
