"""Tables that are rectangles: every row as wide as the others, no cells on top of each other, rows in proper groups."""

from collections.abc import Callable
from itertools import groupby

from blog.content.tree import Element, text_of

Nodes = list[Element | str]
Repair = Callable[[Nodes], Nodes]
Rows = list[Element]

MOST_PADDING = 20_000
MOST_PLACES = 100_000
_GROUPS = {"thead", "tbody", "tfoot"}
_CELLS = {"td", "th"}


def repaired_table(table: Element, flow: Repair, phrasing: Repair) -> Nodes:
    """Give a valid table, after what stood in it but in none of its cells."""
    outside: Nodes = []
    groups = [_group(tag, parts, outside) for tag, parts in _groups(table.children, outside)]
    filled = [group for group in groups if group.children]
    caption = next((child for child in table.children if isinstance(child, Element) and child.tag == "caption"), None)
    if not filled:
        return flow([*outside, *(caption.children if caption else [])])
    rows = [[row for row in group.children if isinstance(row, Element)] for group in filled]
    for cell in (cell for group in rows for row in group for cell in _elements(row)):
        cell.children = (flow if cell.tag == "td" else phrasing)(cell.children)
        if cell.tag == "th" and not text_of(cell):
            cell.tag = "td"  # a heading without words tells nobody anything
            cell.attributes.pop("scope", None)
    _make_rectangle(rows)
    for group in filled[1:]:
        group.tag = "tbody" if group.tag == "thead" or group is not filled[-1] else group.tag
    table.children = list(filled)
    if caption is not None and text_of(caption):
        caption.children = phrasing(caption.children)
        table.children.insert(0, caption)
    return [*flow(outside), table]


def _groups(children: Nodes, outside: Nodes) -> list[tuple[str, Nodes]]:
    """Give the parts of a table by group; rows without one become a tbody."""
    groups: list[tuple[str, Nodes]] = []
    for is_group, parts in groupby(children, lambda child: isinstance(child, Element) and child.tag in _GROUPS):
        if is_group:
            groups += [(part.tag, part.children) for part in parts if isinstance(part, Element)]
        else:
            groups.append(("tbody", [part for part in parts if not _is(part, {"caption"})]))
    return groups


def _group(tag: str, parts: Nodes, outside: Nodes) -> Element:
    rows: Nodes = []
    for is_cell, run in groupby(parts, lambda part: _is(part, _CELLS)):
        if is_cell:
            rows.append(Element("tr", {}, run))
            continue
        for part in run:
            if isinstance(part, Element) and part.tag == "tr":
                outside += [child for child in part.children if not _is(child, _CELLS) and _says_something(child)]
                part.children = [child for child in part.children if _is(child, _CELLS)]
                rows += [part] if part.children else []
            elif _says_something(part):
                outside.append(part)
    return Element(tag, {}, rows)


def _make_rectangle(groups: list[Rows]) -> None:
    cells = [cell for group in groups for row in group for cell in _elements(row)]
    spanning = [cell for cell in cells if "colspan" in cell.attributes or "rowspan" in cell.attributes]
    if spanning and sum(_places(cell) for cell in cells) <= MOST_PLACES and _is_rectangle(groups):
        return
    for cell in spanning:
        cell.attributes.pop("colspan", None)
        cell.attributes.pop("rowspan", None)
    width = max(len(row.children) for group in groups for row in group)
    missing = sum(width - len(row.children) for group in groups for row in group)
    if missing <= MOST_PADDING:
        for row in (row for group in groups for row in group):
            row.children += [Element("td") for _ in range(width - len(row.children))]


def _places(cell: Element) -> int:
    """Count the places of the grid that a cell takes."""
    return int(cell.attributes.get("colspan", 1)) * int(cell.attributes.get("rowspan", 1))


def _is_rectangle(groups: list[Rows]) -> bool:
    """Lay the cells out as the HTML standard's table model does (section 4.9.12)."""
    widths: set[int] = set()
    begun: set[int] = set()
    for rows in groups:
        below: dict[int, int] = {}  # columns that cells from rows above still fill, and for how many rows
        for row in rows:
            taken, below = below, {column: left - 1 for column, left in below.items() if left > 1}
            column = 0
            for cell in _elements(row):
                while column in taken:
                    column += 1
                begun.add(column)
                for _ in range(int(cell.attributes.get("colspan", 1))):
                    if column in taken:
                        return False
                    if (height := int(cell.attributes.get("rowspan", 1))) > 1:
                        below[column] = height - 1
                    column += 1
            widths.add(max(column, max(taken, default=-1) + 1))
        if below:
            return False
    return len(widths) == 1 and begun == set(range(widths.pop()))


def _elements(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element)]


def _is(node: Element | str, tags: set[str]) -> bool:
    return isinstance(node, Element) and node.tag in tags


def _says_something(node: Element | str) -> bool:
    return isinstance(node, Element) or bool(node.strip())
