"""Write docs/accounts/: a page for each money path, with its entries, balances and drawing, and the list of them all.

What happened is played by `tests/database/accounts` with the real services (`make accounts`); here it becomes text.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from scripts.account_drawings import Flow, Place, draw, write_euro

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "docs" / "accounts.md"
FOLDER = ROOT / "docs" / "accounts"
BEGIN, END = "<!-- money paths: written by `make accounts` -->", "<!-- end of the money paths -->"


@dataclass(frozen=True)
class PathLine:
    """An entry with its kind, its paper's table, and the day on which it was booked where that matters."""

    kind: str
    debit: Place
    credit: Place
    cents: int
    paper: str
    day: str = ""


@dataclass(frozen=True)
class PathStep:
    """What happens, in plain words, and what is booked for it: perhaps nothing."""

    words: str
    lines: tuple[PathLine, ...]


@dataclass(frozen=True)
class PathBalance:
    """An account's balance before the path and after it, in cents and in the account's own sense."""

    place: Place
    before: int
    after: int


@dataclass(frozen=True)
class MoneyPath:
    """A money path from its beginning to its end. `group`: the chapter of the list that it stands in."""

    key: str
    group: str
    title: str
    words: str
    steps: tuple[PathStep, ...]
    balances: tuple[PathBalance, ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of its entries, in their order."""
        return list(dict.fromkeys(line.kind for step in self.steps for line in step.lines))


def build(paths: list[MoneyPath]) -> dict[Path, str]:
    """Build all pages and pictures: what each file should hold."""
    files = {}
    for path in paths:
        flows = [
            Flow(number, line.debit, line.credit, line.cents)
            for number, step in enumerate(path.steps, 1)
            for line in step.lines
        ]
        balances = {each.place: each.after for each in path.balances}
        files[FOLDER / f"{path.key}.svg"] = draw(path.title, flows, balances)
        files[FOLDER / f"{path.key}.md"] = write_page(path)
    head, _mark, rest = INDEX.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    return files | {INDEX: f"{head}{BEGIN}\n{write_list(paths)}\n{END}{tail}"}


def write_page(path: MoneyPath) -> str:
    """Write a path's page."""
    several = len({each.place.books for each in path.balances}) > 1
    lines = [f"# {path.title}", "", path.words, "", f"![{path.title}]({path.key}.svg)", ""]
    lines += ["## What is booked", "", *_write_entries(path, several), ""]
    lines += ["## Balances", "", *_write_balances(path, several), ""]
    lines += [
        "In the drawing a line goes from the debit (dot) to the credit (arrow); `+` and `−` say whether the account"
        " grows in its own sense: a debt that we owe, an asset that we have. *Before* is what the example begins with.",
        "",
        "[All accounts and paths](../accounts.md) · played with the real services and written by `make accounts`",
    ]
    return "\n".join(lines) + "\n"


def _write_entries(path: MoneyPath, several: bool) -> list[str]:
    days = any(line.day for step in path.steps for line in step.lines)
    names = [
        "",
        *(["Books"] if several else []),
        "Debit",
        "Credit",
        "Euro",
        "Kind",
        "Paper",
        *(["Day"] if days else []),
    ]
    rows = []
    for number, step in enumerate(path.steps, 1):
        rows += [f"**{number}.** {step.words}", ""]
        if not step.lines:
            rows += ["Nothing is booked.", ""]
            continue
        rows += [_row(names[1:]), _row(["--:" if name == "Euro" else "---" for name in names[1:]])]
        for line in step.lines:
            cells = [line.debit.books] if several else []
            cells += [
                _name(line.debit),
                _name(line.credit),
                write_euro(line.cents),
                f"`{line.kind}`",
                f"`{line.paper}`",
            ]
            rows.append(_row([*cells, *([line.day] if days else [])]))
        rows.append("")
    return rows[:-1]


def _write_balances(path: MoneyPath, several: bool) -> list[str]:
    names = [*(["Books"] if several else []), "Account", "Name", "Before", "After"]
    rows = [_row(names), _row(["--:" if name in {"Before", "After"} else "---" for name in names])]
    for each in path.balances:
        cells = [each.place.books] if several else []
        rows.append(_row([*cells, _name(each.place), each.place.name, write_euro(each.before), write_euro(each.after)]))
    return rows


def write_list(paths: list[MoneyPath]) -> str:
    """Write the list of the paths by chapter, and where each kind of entry occurs."""
    lines, places = [], defaultdict(list)
    for path in paths:
        for kind in path.kinds:
            places[kind].append(f"[{path.title}](accounts/{path.key}.md)")
    for group in dict.fromkeys(path.group for path in paths):
        lines += [f"### {group}", "", "| Path | Accounts |", "| --- | --- |"]
        for path in (path for path in paths if path.group == group):
            keys = ", ".join(dict.fromkeys(each.place.key for each in path.balances))
            lines.append(_row([f"[{path.title}](accounts/{path.key}.md)", keys]))
        lines.append("")
    lines += ["### By kind of entry", "", "| Kind | Occurs in |", "| --- | --- |"]
    lines += [_row([f"`{kind}`", "; ".join(found)]) for kind, found in sorted(places.items())]
    return "\n".join(lines)


def _name(place: Place) -> str:
    return f"**{place.key}** {place.party}".strip()


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(files: dict[Path, str]) -> None:
    """Write the files, and remove pages of paths that are no more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    for stale in set(FOLDER.iterdir()) - set(files):
        stale.unlink()
