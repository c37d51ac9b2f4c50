"""Menus of the old site: told in the report, and one of them offered as the navigation of a site that has none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from blog.transfer.wordpress.plain import plain
from blog.transfer.wordpress.reading import Item

MOST_LINKS = 8
LONGEST_LABEL = 40
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of a menu. `leads_to` is the number of its post or term; `address` is given where it leads anywhere."""

    number: str
    parent: str
    order: int
    label: str
    kind: str
    leads_to: str
    address: str


Link = tuple[str, str]
"""A label and an address here; both may be empty."""
Linked = Callable[[Entry], Link]


@dataclass(slots=True)
class Menus:
    """The entries of each menu by its name."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def take_in(self, item: Item) -> None:
        """Note an entry; one that is not published shows nothing."""
        if item.fact("status") != "publish":
            return
        menu = next((plain(term.name) or term.slug for term in item.terms if term.domain == "nav_menu"), "Menu")
        order = item.fact("menu_order").strip()
        entry = Entry(
            item.fact("post_id").strip(),
            item.first_meta("_menu_item_menu_item_parent").strip() or "0",
            int(order) if order.isdigit() and len(order) < 9 else 0,
            plain(item.fact("title")),
            item.first_meta("_menu_item_type"),
            item.first_meta("_menu_item_object_id").strip(),
            item.first_meta("_menu_item_url").strip(),
        )
        self.entries.setdefault(menu, []).append(entry)

    def leads_to(self) -> set[str]:
        """Tell the numbers of the posts that entries lead to."""
        return {one.leads_to for entries in self.entries.values() for one in entries if one.kind == "post_type"}

    def told(self, linked: Linked) -> str:
        """Write all menus as text, with the addresses here."""
        lines: list[str] = []
        for name in sorted(self.entries):
            lines += [name, *self._below("0", name, linked, 1), ""]
        return "\n".join(lines)

    def navigation(self, linked: Linked) -> list[list[str]]:
        """Give the links at the top of the menu that has the most of them which lead somewhere here."""
        menus = ([linked(one) for one in self._under("0", name)] for name in sorted(self.entries))
        links = max(([link for link in menu if all(link)] for menu in menus), key=len, default=[])
        return [[label[:LONGEST_LABEL], address] for label, address in links[:MOST_LINKS]]

    def _below(self, parent: str, name: str, linked: Linked, depth: int) -> Iterator[str]:
        for one in self._under(parent, name):
            label, address = linked(one)
            yield f"{'  ' * depth}{label or 'untitled'}: {address or one.address or 'leads to nothing here'}"
            if depth < DEEPEST:
                yield from self._below(one.number, name, linked, depth + 1)

    def _under(self, parent: str, name: str) -> list[Entry]:
        found = [one for one in self.entries[name] if one.parent == parent and one.number != parent]
        return sorted(found, key=lambda one: one.order)
