"""Draw a money path: a column for each account of each party, a row for each entry, the balances below.

A line goes from the debit to the credit of an entry. The figures at its ends say what it does to each account, in the
account's own sense: a debt that grows is `+`, money that leaves the bank is `−`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby

COLUMN, ROW, MARGIN, NUMBER, HEAD, BAND = 156, 46, 12, 34, 78, 26
MAX_NAME_CHARS, MAX_NAME_LINES = 21, 2
STYLE = """
  .box { fill: #f6f3ec; stroke: #1f3d36; stroke-width: 1.2 } .band { fill: #e7efe9 }
  text { font: 12px system-ui, sans-serif; fill: #1f3d36; text-anchor: middle }
  .key { font-weight: 700; font-size: 15px } .party { font-style: italic } .quiet { fill: #5d6f68 }
  .life { stroke: #b9c4be; stroke-width: 1; stroke-dasharray: 2 4 } .step { fill: #1f3d36 } .no { fill: #fff }
  .flow { stroke: #8a9b94; stroke-width: 1.4 } .head, .dot { fill: #8a9b94 }
  .up { fill: #1d6b45; font-weight: 600 } .down { fill: #9c2f2f; font-weight: 600 } .sum { font-weight: 700 }
  .rule { stroke: #d9ddd7 }
  @media (prefers-color-scheme: dark) {
    .box { fill: #1d2a27; stroke: #b9d3ca } .band { fill: #22332e } text { fill: #e8efe9 } .quiet { fill: #a3b3ac }
    .life { stroke: #50625b } .step { fill: #b9d3ca } .no { fill: #14201d } .flow { stroke: #7f968e }
    .head, .dot { fill: #7f968e } .up { fill: #7fd0a4 } .down { fill: #f09a94 } .rule { stroke: #34443f }
  }
""".strip("\n")


@dataclass(frozen=True)
class Place:
    """An account of one party in one issuer's books, as pages name it. `sign`: 1 where a debit makes it larger."""

    books: str
    key: str
    name: str
    party: str
    sign: int


@dataclass(frozen=True)
class Flow:
    """One entry: `cents` from the credit side to the debit side, in the step with this number."""

    step: int
    debit: Place
    credit: Place
    cents: int


def write_euro(cents: int) -> str:
    """Write cents as euro with a real minus and thousands apart."""
    return f"{cents / 100:,.2f}".replace("-", "−")


def draw(title: str, flows: list[Flow], balances: dict[Place, int]) -> str:
    """Draw the entries in their order, over the columns in the order in which accounts come up, book by book."""
    seen = list(dict.fromkeys(side for flow in flows for side in (flow.debit, flow.credit)))
    books = list(dict.fromkeys(place.books for place in seen))
    columns = sorted(seen, key=lambda place: books.index(place.books))
    top = MARGIN + (BAND if len(books) > 1 else 0)
    bottom = top + HEAD + ROW * len(flows) + 14
    width, height = NUMBER + COLUMN * len(columns) + 2 * MARGIN, bottom + 34 + MARGIN
    at = {place: MARGIN + NUMBER + COLUMN * n + COLUMN // 2 for n, place in enumerate(columns)}
    parts = [
        *(_draw_bands(columns, at) if len(books) > 1 else ()),
        *(f'<path class="life" d="M{x} {top + HEAD - 8}V{bottom}"/>' for x in at.values()),
        *_draw_rows(flows, at, top + HEAD, width),
        *(_draw_head(place, x, top) for place, x in at.items()),
        *(_draw_sum(balances[place], x, bottom) for place, x in at.items()),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img"'
        f' aria-label="{escape(title)}">\n<style>\n{STYLE}\n</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _draw_bands(columns: list[Place], at: dict[Place, int]) -> Iterable[str]:
    for books, group in groupby(columns, key=lambda place: place.books):
        own = list(group)
        left, width = at[own[0]] - COLUMN // 2 + 4, COLUMN * len(own) - 8
        yield f'<rect class="band" x="{left}" y="{MARGIN}" width="{width}" height="{BAND - 6}" rx="6"/>'
        yield f'<text x="{left + width // 2}" y="{MARGIN + 14}">Books: {escape(books)}</text>'


def _draw_rows(flows: list[Flow], at: dict[Place, int], top: int, width: int) -> Iterable[str]:
    step = 0
    for number, flow in enumerate(flows):
        y = top + ROW * number + ROW // 2
        if flow.step != step:
            if step:
                yield f'<path class="rule" d="M{MARGIN} {y - ROW // 2}H{width - MARGIN}"/>'
            step = flow.step
            yield f'<circle class="step" cx="{MARGIN + 12}" cy="{y}" r="11"/>'
            yield f'<text class="no" x="{MARGIN + 12}" y="{y + 4}">{step}</text>'
        yield _draw_flow(flow, at[flow.debit], at[flow.credit], y)


def _draw_flow(flow: Flow, start: int, end: int, y: int) -> str:
    way = 1 if end > start else -1
    tip = end - way * 2
    debit, credit = flow.cents * flow.debit.sign, -flow.cents * flow.credit.sign
    return (
        f'<path class="flow" d="M{start} {y}H{tip - way * 8}"/><circle class="dot" cx="{start}" cy="{y}" r="4"/>'
        f'<path class="head" d="M{tip} {y}l{-way * 9} -5v10z"/>'
        + _draw_change(debit, start, y)
        + _draw_change(credit, end, y)
    )


def _draw_change(cents: int, x: int, y: int) -> str:
    kind, mark = ("up", "+") if cents > 0 else ("down", "")
    return f'<text class="{kind}" x="{x}" y="{y - 9}">{mark}{write_euro(cents)}</text>'


def _draw_head(place: Place, x: int, y: int) -> str:
    lines = wrap(place.name)
    rows = [f'<text class="key" x="{x}" y="{y + 20}">{place.key}</text>']
    rows += [f'<text class="quiet" x="{x}" y="{y + 36 + 13 * n}">{escape(line)}</text>' for n, line in enumerate(lines)]
    if place.party:
        rows.append(f'<text class="party" x="{x}" y="{y + HEAD - 14}">{escape(place.party)}</text>')
    left, width = x - COLUMN // 2 + 6, COLUMN - 12
    return f'<rect class="box" x="{left}" y="{y}" width="{width}" height="{HEAD - 8}" rx="8"/>' + "".join(rows)


def _draw_sum(cents: int, x: int, y: int) -> str:
    return (
        f'<rect class="box" x="{x - COLUMN // 2 + 22}" y="{y}" width="{COLUMN - 44}" height="28" rx="14"/>'
        f'<text class="sum" x="{x}" y="{y + 19}">{write_euro(cents)}</text>'
    )


def wrap(text: str) -> list[str]:
    """Break a name into at most two lines; what is longer ends with dots."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= MAX_NAME_CHARS or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = lines[:MAX_NAME_LINES]
    cut = len(lines) > MAX_NAME_LINES or any(len(line) > MAX_NAME_CHARS for line in shown)
    return [*shown[:-1], shown[-1][: MAX_NAME_CHARS - 1] + "…"] if cut else shown
