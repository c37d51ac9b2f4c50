"""What every import and export shares: how it tells how far it is, and that it cannot be done."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


class ImportRefused(ValueError):
    """An import that cannot begin; the text is for the person who asked for it."""


class ExportRefused(ValueError):
    """An export that cannot be made; the text is for the person who asked for it."""
