"""How much a text may cost to render, counted while it is being rendered.

80 kB of references can stand for 200 MB of HTML, so it is too late to look at the result.
"""

import time
from dataclasses import dataclass

from blog.languages import gettext as _

LARGEST_TEXT = 1_000_000
LARGEST_HTML = 2_000_000
SECONDS = 2.0
DEEPEST = 100


class ContentRefused(ValueError):
    """A text that cannot be published; the message is a sentence for its writer."""


@dataclass(slots=True)
class Budget:
    """What one text has used so far; each method raises ContentRefused when it is too much."""

    deadline: float
    made: int = 0

    @classmethod
    def start(cls) -> "Budget":
        """Begin to count, now: the processor's time in this thread, for a busy machine is not the text's fault."""
        return cls(time.thread_time() + SECONDS)

    def check(self) -> None:
        """Look at the clock."""
        if time.thread_time() > self.deadline:
            raise ContentRefused(_("This text takes too long to render; it nests or repeats too much."))

    def spend(self, characters: int) -> None:
        """Count characters of HTML."""
        self.made += characters
        if self.made > LARGEST_HTML:
            raise ContentRefused(_("This text becomes more than 2 MB of HTML; at most 2 MB can be published."))
