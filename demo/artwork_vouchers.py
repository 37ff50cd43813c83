"""Draws the four faces of a voucher: `python demo/artwork_vouchers.py` writes them to static/artwork.

640 by 400. The upper left stays calm for name and amount, the lowest 70 units stay dark for the line at the foot.
"""

import itertools
import math
import random
from pathlib import Path

TARGET = Path(__file__).parent.parent / "static" / "artwork"
WIDTH, HEIGHT = 640, 400


def hill(height: float, swing: float, length: float, shift: float) -> list[tuple[int, int]]:
    """A line of hills from left to right."""
    return [(x, round(height + swing * math.sin(x / length + shift))) for x in range(0, WIDTH + 1, 40)]


def filled(points: list[tuple[int, int]], colour: str) -> str:
    """The ground under a line of hills."""
    way = f"M0 {HEIGHT}V{points[0][1]}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        way += f"C{(x0 + x1) // 2} {y0} {(x0 + x1) // 2} {y1} {x1} {y1}"
    return f'<path fill="{colour}" d="{way}V{HEIGHT}z"/>'


def furrows(colour: str, top: int, centre: int, step: int) -> str:
    """Rows of a field that run together at the horizon."""
    way = "".join(f"M{centre + i * 9} {top}L{centre + i * step} {HEIGHT}" for i in range(-16, 17))
    return f'<path fill="none" stroke="{colour}" stroke-width="3" d="{way}"/>'


def poplar(x: float, foot: float, size: float, colour: str) -> str:
    """One slim tree."""
    w = size * 0.15
    return (
        f'<path fill="{colour}" d="M{x:.0f} {foot:.0f}c-{w:.0f}-{size * 0.2:.0f}-{w:.0f}-{size * 0.72:.0f} '
        f'0-{size:.0f}c{w:.0f} {size * 0.28:.0f} {w:.0f} {size * 0.8:.0f} 0 {size:.0f}z"/>'
    )


def field() -> str:
    """Summer fields under a low sun."""
    return "".join(
        [
            '<path fill="#f6efe0" d="M0 0h640v400H0z"/>',
            '<circle fill="#ecc98a" cx="500" cy="150" r="84"/><circle fill="#e0ad5c" cx="500" cy="150" r="58"/>',
            filled(hill(222, 16, 120, 0.4), "#d3dcc0"),
            "".join(poplar(x, 232, 46, "#8db094") for x in (392, 408, 424, 590, 606)),
            filled(hill(252, 14, 150, 2.2), "#a9c2a0"),
            '<path fill="#f6efe0" d="M556 252v-20h34v20z"/><path fill="#a63d26" d="M550 234l23-20 23 20z"/>',
            filled(hill(266, 8, 180, 4.0), "#6f9a7c"),
            f'<g opacity=".5">{furrows("#a9c2a0", 284, 420, 44)}</g>',
            filled(hill(300, 4, 200, 1.0), "#19493a"),
        ]
    )


def gable(x: int, width: int, height: int, colour: str, steps: bool) -> str:
    """A town house with its lit windows; stepped gables as in the old market streets."""
    foot, top = 350, 350 - height
    if steps:
        unit = width / 8
        roof = "".join(f"v-{unit:.0f}h{unit:.0f}" for _ in range(3)) + f"v-{unit:.0f}h{2 * unit:.0f}v{unit:.0f}"
        roof += "".join(f"h{unit:.0f}v{unit:.0f}" for _ in range(3))
        way = f"M{x} {foot}V{top}{roof}V{foot}z"
    else:
        way = f"M{x} {foot}V{top}l{width // 2}-{width // 2} {width // 2} {width // 2}V{foot}z"
    panes = "".join(
        f"M{x + width * k // 4 - 4} {y}h9v13h-9z" for k in (1, 2, 3) for y in range(top + 12, foot - 30, 30)
    )
    return f'<path fill="{colour}" d="{way}"/><path fill="#ecc98a" opacity=".85" d="{panes}"/>'


def town() -> str:
    """The market street in the evening."""
    houses = [(286, 54, 96, 1), (344, 46, 78, 0), (392, 60, 112, 1), (520, 50, 88, 0), (572, 58, 104, 1)]
    return "".join(
        [
            '<path fill="#19493a" d="M0 0h640v400H0z"/>',
            '<circle fill="#f3e3bd" cx="560" cy="84" r="30"/><circle fill="#19493a" cx="548" cy="76" r="27"/>',
            filled(hill(300, 12, 110, 0.0), "#215643"),
            '<path fill="#2c6651" d="M452 350V176h40v174z"/><path fill="#c9573c" d="M446 180l26-104 26 104z"/>',
            '<path fill="#ecc98a" d="M466 196h12v22h-12zM466 236h12v22h-12z"/>',
            "".join(gable(x, w, h, "#37735c" if s else "#2f6a54", bool(s)) for x, w, h, s in houses),
            '<path fill="#0f3428" d="M0 344h640v56H0z"/>',
        ]
    )


def avenue() -> str:
    """A lane of poplars early in the morning."""
    trees = []
    for i in range(7):
        near = i / 6
        foot, size = 256 + 70 * near**1.5, 40 + 150 * near**1.6
        trees.append(poplar(504 + 16 + 112 * near**1.4, foot, size, "#2f6a54" if i % 2 else "#3f7a60"))
        trees.append(poplar(504 - 16 - 96 * near**1.4, foot, size * 0.96, "#5d8f70" if i % 2 else "#4e8568"))
    return "".join(
        [
            '<path fill="#f7e6d8" d="M0 0h640v400H0z"/><circle fill="#f3c9a8" cx="504" cy="226" r="92"/>',
            filled(hill(250, 8, 130, 1.0), "#cfdcc4"),
            filled(hill(272, 6, 160, 3.0), "#a9c2a0"),
            '<path fill="#efe0c3" d="M500 254h9l120 146H350z"/>',
            "".join(trees),
            filled(hill(302, 4, 170, 0.5), "#19493a"),
        ]
    )


def feast() -> str:
    """Bunting and paper dots on brick red."""
    dice, colours = random.Random(11), ("#f3e3bd", "#e0ad5c", "#c9d8c4", "#e9a58d")  # noqa: S311 a drawing, not a secret
    parts = [
        '<path fill="#8c3220" d="M0 0h640v400H0z"/><path fill="#a2432c" d="M640 60v340H250C440 380 590 250 640 60z"/>'
    ]
    for left, start, sag in ((392, -26, 60), (436, 34, 70)):
        rope = [(left + 24 * i, start + 40 + sag * math.sin(math.pi * i / 11)) for i in range(12)]
        parts.append(
            '<path fill="none" stroke="#f3e3bd" stroke-width="2.5" d="M'
            + "L".join(f"{x} {y:.0f}" for x, y in rope)
            + '"/>'
        )
        for i, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(rope)):
            tip = f"{(x0 + x1) / 2 + (y0 - y1) * 0.4:.0f} {max(y0, y1) + 25:.0f}"
            parts.append(f'<path fill="{colours[i % 4]}" d="M{x0 + 3} {y0:.0f}L{x1 - 3} {y1:.0f} {tip}z"/>')
    for _ in range(70):
        x, y = dice.randint(330, 630), dice.randint(200, 300)
        if x + y * 0.9 < 560:
            continue
        shape, colour = dice.choice((4, 6, 8)), dice.choice(colours)
        parts.append(f'<circle fill="{colour}" opacity=".85" cx="{x}" cy="{y}" r="{shape}"/>')
    parts.append('<path fill="#6b2416" d="M0 312c220-14 420 14 640-4v92H0z"/>')
    return "".join(parts)


def draw() -> None:
    """Writes the four faces."""
    for slug, content in (("feld", field()), ("stadt", town()), ("allee", avenue()), ("fest", feast())):
        document = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{content}</svg>\n'
        (TARGET / f"voucher-{slug}.svg").write_text(document, encoding="utf-8")


if __name__ == "__main__":
    draw()
