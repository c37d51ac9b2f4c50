"""Commands as operators type them."""

import io
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from blog.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code, and what it said."""

    code: int
    stdout: str
    stderr: str


class Operator:
    """Types `blog` commands, as a person or a script would: without a terminal, with their own environment."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, *words: str, typed: str = "", **more: str) -> Done:
        """Run the command in this process: starting another takes a second, and there are a hundred of them."""
        said, complained = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, self.environment | more),
            patch.object(sys, "argv", ["blog", *words]),
            patch.object(sys, "stdin", io.StringIO(typed)),
            redirect_stdout(said),
            redirect_stderr(complained),
        ):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Done(code, said.getvalue(), complained.getvalue())

    def fails(self, *words: str, typed: str = "", **more: str) -> str:
        """Run what cannot be done; give the one sentence that says why."""
        done = self.run(*words, typed=typed, **more)
        assert done.code == 1, done
        assert "Traceback" not in done.stderr
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, done.stderr
        assert re.fullmatch(r"Error: .+[.!]|Error: .*Run: blog migrate", lines[0])
        return lines[0]
