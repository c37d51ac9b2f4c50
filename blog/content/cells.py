"""Tables as text for spreadsheets: CSV (RFC 4180), in which no cell is a formula."""

from collections.abc import Iterable

CALCULATES = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet may run (OWASP, CSV Injection)."""


def line(cells: Iterable[object]) -> str:
    """Write one line, each cell in quotes; None is an empty cell."""
    return ",".join(_cell("" if cell is None else str(cell)) for cell in cells) + "\r\n"


def _cell(text: str) -> str:
    if text.startswith(CALCULATES):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"'
