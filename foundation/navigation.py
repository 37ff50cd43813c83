"""What the layouts link to: entries listed by the packages, shown to those who may go there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from flask import request, url_for


@dataclass(frozen=True)
class MenuEntry:
    """One place in a menu: `main`, `desk`, `office`, `account`, `counter` or `footer`.

    `order` sorts the entries of a menu and keeps its groups together; `note` says in a few words what is there.
    """

    menu: str
    endpoint: str
    label: object
    order: int
    permission: str | None = None
    group: object = ""
    note: object = ""
    symbol: str = "chevron-right"


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it. `active`: the visitor is there, or somewhere below it and below no other entry."""

    url: str
    label: object
    active: bool
    group: object = ""
    note: object = ""
    symbol: str = "chevron-right"


@dataclass
class Navigation:
    """The menus of all packages. `may` says whether the visitor holds a permission."""

    menus: dict[str, list[MenuEntry]] = field(default_factory=dict)
    may: Callable[[str], bool] = field(default=lambda permission: False)

    def extend(self, entries: Iterable[MenuEntry]) -> None:
        """Add entries to their menus. The same endpoint stands in a menu once."""
        for entry in entries:
            known = self.menus.setdefault(entry.menu, [])
            if all(other.endpoint != entry.endpoint for other in known):
                known.append(entry)
                known.sort(key=lambda each: each.order)

    def __call__(self, menu: str) -> list[Link]:
        """Give the entries of a menu that this visitor may open."""
        shown = [e for e in self.menus.get(menu, []) if e.permission is None or self.may(e.permission)]
        urls = [url_for(e.endpoint) for e in shown]
        above = [u for u in urls if request.path == u or request.path.startswith(u.rstrip("/") + "/")]
        here = max(above, key=len, default=None)
        return [Link(url, e.label, url == here, e.group, e.note, e.symbol) for url, e in zip(urls, shown, strict=True)]

    def groups(self, menu: str) -> list[tuple[str, list[Link]]]:
        """Give the same entries under the names of their groups."""
        return [(name, list(links)) for name, links in groupby(self(menu), key=lambda link: str(link.group))]


navigation = Navigation()
