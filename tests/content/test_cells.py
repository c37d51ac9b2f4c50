"""CSV: what was put in comes out again, and no cell is a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from blog.content.cells import CALCULATES, line

Cells = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5)


@given(Cells)
def test_every_cell_comes_out_as_it_was_or_with_a_mark_before_it(cells: list[str]) -> None:
    read = next(csv.reader(io.StringIO(line(cells), newline=""), strict=True))
    assert not [cell for cell in read if cell.startswith(CALCULATES)]
    assert [
        cell.removeprefix("'") if was.startswith(CALCULATES) else cell for cell, was in zip(read, cells, strict=True)
    ] == cells


@given(st.sampled_from(CALCULATES), st.text("abc=", max_size=5))
def test_a_formula_is_marked_as_text(first: str, rest: str) -> None:
    assert line([first + rest]).startswith("\"'" + first)


def test_numbers_and_nothing_are_cells_too() -> None:
    assert line([1, None, 'say "yes"']) == '"1","","say ""yes"""\r\n'
