"""Draws the house from its own code: `python -m scripts.architecture` writes docs/architecture.md and its pictures.

A box is a room, a row is a floor of the contracts in pyproject.toml, an arrow is an import. An arrow that follows from
two others is left out: who stands on a room stands on what is below it too.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("marketplace", "vouchers", "money", "people", "foundation")
FOLDER = ROOT / "docs" / "architecture"
PAGE = ROOT / "docs" / "architecture.md"
BOX_WIDTH, BOX_HEIGHT, GAP, ROW_GAP, MARGIN, MAX_IN_ROW = 136, 40, 16, 44, 24, 8
STYLE = """
  .room { fill: #f6f3ec; stroke: #1f3d36; stroke-width: 1.2 } .name { font: 14px system-ui, sans-serif; fill: #1f3d36 }
  .arrow { fill: none; stroke: #8a9b94; stroke-width: 1.2 } .head { fill: #8a9b94 }
  @media (prefers-color-scheme: dark) {
    .room { fill: #1d2a27; stroke: #b9d3ca } .name { fill: #e8efe9 } .arrow { stroke: #6f8780 } .head { fill: #6f8780 }
  }
""".strip("\n")


@dataclass(frozen=True)
class Drawing:
    """Rows of rooms from top to bottom, and which room imports which."""

    title: str
    rows: list[list[str]]
    arrows: set[tuple[str, str]]


def list_modules() -> dict[str, Path]:
    """List every module of the application by its dotted name."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    named = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in paths}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


def list_imports(modules: dict[str, Path]) -> set[tuple[str, str]]:
    """List (importing module, imported module) for all modules of ours."""
    found = set()
    for name, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                targets = [f"{node.module}.{alias.name}" for alias in node.names]
                found |= {(name, t if t in modules else node.module) for t in targets}
            elif isinstance(node, ast.Import):
                found |= {(name, alias.name) for alias in node.names}
    return {(a, b) for a, b in found if b in modules}


def room_of(module: str) -> str:
    """Give the room in which a module of a package lies: its second part; the package itself has none."""
    return ".".join(module.split(".")[1:2])


def find_needed(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out every arrow that a longer way also goes (transitive reduction; the contracts forbid circles)."""
    below = defaultdict(set)
    for a, b in arrows:
        below[a].add(b)

    def reach(start: str, seen: set[str]) -> set[str]:
        for following in below[start] - seen:
            seen.add(following)
            reach(following, seen)
        return seen

    return {(a, b) for a, b in arrows if not any(b in reach(c, set()) for c in below[a] - {b})}


def read_floors(package: str) -> list[list[str]]:
    """Read the floors of a package from its `layers` contract, from top to bottom. No contract: none."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    for contract in contracts:
        if contract["type"] == "layers" and contract.get("containers") == [package]:
            floors = [floor.replace("|", ":").split(":") for floor in contract["layers"]]
            return [[name.strip().strip("()") for name in floor] for floor in floors]
    return []


def draw_package(package: str, imports: set[tuple[str, str]], modules: dict[str, Path]) -> Drawing:
    """Arrange the rooms of a package on its floors; rooms that no contract names stand in a row of their own."""
    rooms = {room_of(m) for m in modules if m.startswith(f"{package}.")}
    inside = [(room_of(a), room_of(b)) for a, b in imports if a.split(".")[0] == b.split(".")[0] == package]
    arrows = {(a, b) for a, b in inside if a and b and a != b}
    rows = [[name for name in floor if name in rooms] for floor in read_floors(package)]
    known = {name for row in rows for name in row}
    rows.append(sorted(rooms - known))
    return Drawing(package, [row for row in rows if row], find_needed(arrows))


def split_rows(rows: list[list[str]]) -> list[list[str]]:
    """Break floors that are too wide for a page into several rows."""
    return [row[n : n + MAX_IN_ROW] for row in rows for n in range(0, len(row), MAX_IN_ROW)]


def draw_svg(drawing: Drawing) -> str:
    """Draw the rooms as boxes and the imports as arrows from the lower edge of one to the upper edge of another."""
    rows = split_rows(drawing.rows)
    width = 2 * MARGIN + max(len(row) for row in rows) * (BOX_WIDTH + GAP) - GAP
    height = 2 * MARGIN + len(rows) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP
    places = {}
    for n, row in enumerate(rows):
        left = (width - len(row) * (BOX_WIDTH + GAP) + GAP) / 2
        top = MARGIN + n * (BOX_HEIGHT + ROW_GAP)
        places |= {name: (left + i * (BOX_WIDTH + GAP), top) for i, name in enumerate(row)}
    arrows = "\n".join(_draw_arrow(places[a], places[b]) for a, b in sorted(drawing.arrows))
    boxes = "\n".join(_draw_box(name, *place) for name, place in places.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
        f' aria-label="Rooms of {drawing.title}">\n<style>\n{STYLE}\n</style>\n'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="head" d="M0 0 8 4 0 8z"/></marker></defs>\n{arrows}\n{boxes}\n</svg>\n'
    )


def _draw_box(name: str, x: float, y: float) -> str:
    centre = f'x="{x + BOX_WIDTH / 2:.0f}" y="{y + BOX_HEIGHT / 2 + 5:.0f}"'
    return (
        f'<rect class="room" x="{x:.0f}" y="{y:.0f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text class="name" text-anchor="middle" {centre}>{escape(name)}</text>'
    )


def _draw_arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + BOX_WIDTH / 2, start[1] + BOX_HEIGHT
    x2, y2 = end[0] + BOX_WIDTH / 2, end[1]
    bend = (y2 - y1) / 2
    if y2 < y1:  # on one floor, or to a part of it that was broken off: around below
        y2, bend = end[1] + BOX_HEIGHT, 36
        return _draw_curve(x1, y1, bend, x2, y2, bend)
    return _draw_curve(x1, y1, bend, x2, y2, -bend)


def _draw_curve(x1: float, y1: float, bend1: float, x2: float, y2: float, bend2: float) -> str:
    way = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend1:.0f} {x2:.0f} {y2 + bend2:.0f} {x2:.0f} {y2:.0f}"
    return f'<path class="arrow" marker-end="url(#head)" d="{way}"/>'


def describe_rooms(package: str, modules: dict[str, Path]) -> list[str]:
    """Describe each room of a package by the first sentence of its docstring, as rows of a table."""
    rows = []
    for name in sorted({room_of(m) for m in modules if m.startswith(f"{package}.")}):
        text = ast.get_docstring(ast.parse(modules[f"{package}.{name}"].read_text(encoding="utf-8"))) or ""
        sentence = " ".join(text.split("\n\n")[0].split())
        rows.append(f"| `{name}` | {sentence} |")
    return rows


def build() -> dict[Path, str]:
    """Build the page and its pictures: what each file should hold."""
    modules = list_modules()
    imports = list_imports(modules)
    arrows = {(a.split(".")[0], b.split(".")[0]) for a, b in imports}
    whole = Drawing("the house", [["marketplace", "vouchers"], ["money"], ["people"], ["foundation"]], set())
    between = find_needed({(a, b) for a, b in arrows if a != b})
    files = {FOLDER / "house.svg": draw_svg(Drawing(whole.title, whole.rows, between))}
    lines = [
        "# Architecture",
        "",
        "Drawn from the code by `make architecture`; a test keeps it true. A box is a room, a row is a floor of the",
        "import contracts, an arrow is an import; arrows that follow from others are left out. The reasons stand in",
        "`docs/decisions/`.",
        "",
        "![The five packages](architecture/house.svg)",
    ]
    for package in PACKAGES:
        files[FOLDER / f"{package}.svg"] = draw_svg(draw_package(package, imports, modules))
        purpose = " ".join((ast.get_docstring(ast.parse(modules[package].read_text(encoding="utf-8"))) or "").split())
        lines += ["", f"## {package}", "", purpose, "", f"![Rooms of {package}](architecture/{package}.svg)", ""]
        lines += ["| room | what it is for |", "| --- | --- |", *describe_rooms(package, modules)]
    return files | {PAGE: "\n".join(lines) + "\n"}


def main() -> None:
    """Write the page and its pictures; with `--check`, say only whether they are true."""
    files = build()
    if "--check" in sys.argv:
        stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
        if stale:
            sys.exit(f"{', '.join(p.name for p in stale)}: no longer true; run `make architecture`")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
