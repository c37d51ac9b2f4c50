"""PostgreSQL servers of our own that can have a standby, die, and be promoted; and a pooler before one."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from live import free_port
from wheel import wheel

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@dataclass
class Server:
    """One server, with its data in a folder and a port of its own."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@{self.host}/postgres"

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs, as the user who may."""
        return wheel().pgexec.pgexec(program, arguments, bin_path=_programs(), user=_user())

    def start(self) -> None:
        listen = f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-l", str(self.folder / "log"), "-o", listen, "start")

    def kill(self) -> None:
        """End it as a power cut does."""
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-m", "immediate", "stop")

    def promote(self) -> None:
        """Make a standby the server that may be written to."""
        self.run("pg_ctl", "-w", "-D", str(self.folder), "promote")

    def sql(self, statement: str) -> str:
        return self.run("psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-Atc", statement)

    def catch_up(self, primary: "Server") -> None:
        """Wait until this standby has all that the primary has."""
        wanted = primary.sql("SELECT pg_current_wal_lsn()").strip()
        for _ in range(300):
            if self.sql(f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'").strip() == "t":
                return
            time.sleep(0.05)
        raise AssertionError("the standby did not catch up")


@contextmanager
def servers(standbys: int = 0) -> Iterator[list[Server]]:
    """Run a primary and some standbys that follow it."""
    with tempfile.TemporaryDirectory(prefix="blog-") as scratch, ExitStack() as running:
        root = Path(scratch)
        root.chmod(0o777)
        primary = Server(root / "primary")
        primary.run("initdb", "-D", str(primary.folder), "-U", "postgres", "-E", "UTF8", "-A", "trust", "--no-sync")
        found = [primary]
        primary.start()
        running.callback(_stop, primary)
        for number in range(standbys):
            standby = Server(root / f"standby{number}")
            source = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
            primary.run("pg_basebackup", *source, "-D", str(standby.folder), "-R", "-X", "stream", "-c", "fast", "-N")
            standby.start()
            running.callback(_stop, standby)
            found.append(standby)
        yield found


@contextmanager
def pooled(server: Server, connections: int) -> Iterator[str]:
    """Run PgBouncer in transaction mode before a server; gives the URL of the database through it."""
    assert PGBOUNCER
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="blog-") as scratch:
        Path(scratch).chmod(0o755)
        config = Path(scratch) / "pgbouncer.ini"
        config.write_text(
            f"[databases]\npostgres = host=127.0.0.1 port={server.port} user=postgres\n[pgbouncer]\n"
            f"listen_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\nauth_type=any\npool_mode=transaction\n"
            f"default_pool_size={connections}\nmax_client_conn=200\n"
        )
        process = subprocess.Popen([PGBOUNCER, "-q", str(config)], user=_user(), stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres?prepared_statement_cache_size=0"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


def _stop(server: Server) -> None:
    if (server.folder / "postmaster.pid").exists():
        server.kill()


def _programs() -> Path:
    return Path(wheel().__file__).parent / "pginstall" / "bin"


def _user() -> str | None:
    """Name the user that servers run as: PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    wheel().utils.ensure_user_exists("pgserver")
    return "pgserver"


def hosts(servers: Sequence[Server]) -> str:
    """Give the URL that names all of them."""
    return f"postgresql://postgres@{','.join(server.host for server in servers)}/postgres"
