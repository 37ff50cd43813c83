"""Draws the pictures of trades and categories: `python demo/artwork.py` writes them to static/artwork.

The drawn files are committed; this stays so that a new trade gets its picture in the same hand. A scene is a wall, a
table, a soft sun and a few things from artwork_pieces.svg, each at a place, in a size and, where it has one, a colour.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "static" / "artwork"
TABLE = 184

COLOURS = {
    "cream": "#fbf4e4",
    "sand": "#eadfc8",
    "wheat": "#dcb872",
    "ochre": "#bd853a",
    "crust": "#8f5a2b",
    "brick": "#a63d26",
    "clay": "#c9694c",
    "rose": "#e5bba4",
    "forest": "#1f5a46",
    "leaf": "#5d8f70",
    "sage": "#a9c2a4",
    "mist": "#d6e1d3",
    "sky": "#9dbace",
    "blue": "#3f6c8f",
    "ink": "#2a322d",
    "stone": "#b9b1a0",
    "plum": "#6d3b4a",
    "gold": "#d9a441",
}

# wall, table, sun
GROUNDS = {
    "straw": ("#f0e3c8", "#d9c295", "#f8efdc"),
    "field": ("#dbe5d3", "#a8bf9f", "#eaf0e2"),
    "tile": ("#efd6c6", "#d3a78f", "#f7e6db"),
    "mist": ("#d7e2e6", "#a5bccb", "#e8eff1"),
    "linen": ("#ece6d9", "#c6baa2", "#f7f2e8"),
    "night": ("#4b6a5d", "#2c4a3d", "#5d7d6e"),
}

Thing = tuple[str, int, float, str]  # piece, x, size, colour for {c}

TRADES: dict[str, tuple[str, list[Thing]]] = {
    "baeckerei": ("straw", [("wheat", 66, 1.0, ""), ("loaf", 166, 1.2, ""), ("loaf", 266, 0.55, "")]),
    "metzgerei": ("tile", [("ham", 118, 1.3, ""), ("sausage", 244, 0.75, "")]),
    "hofladen": ("field", [("basket", 140, 1.2, ""), ("milk", 246, 0.95, "")]),
    "buchhandlung": ("linen", [("upright", 112, 1.1, ""), ("books", 226, 0.85, "")]),
    "mode": ("tile", [("dress", 112, 1.0, "forest"), ("dress", 214, 0.95, "wheat")]),
    "schuhe": ("straw", [("shoe", 98, 0.98, "brick"), ("shoe", 236, 0.82, "forest")]),
    "drogerie": ("mist", [("pump", 104, 1.15, "leaf"), ("soap", 186, 1.0, "rose"), ("pump", 256, 0.9, "clay")]),
    "apotheke": ("field", [("mortar", 130, 1.2, ""), ("jar", 246, 0.9, "")]),
    "optik": ("mist", [("glasses", 160, 1.25, "")]),
    "fahrrad": ("field", [("bike", 160, 1.2, "")]),
    "gaertnerei": ("field", [("can", 100, 1.0, ""), ("pot", 214, 1.0, "")]),
    "feinkost": ("tile", [("bottle", 92, 1.15, ""), ("cheese", 178, 1.0, ""), ("jar", 268, 0.85, "")]),
    "spielwaren": ("straw", [("train", 128, 1.1, ""), ("blocks", 258, 0.85, "")]),
    "haushaltswaren": ("linen", [("cookpot", 124, 1.05, "brick"), ("bowl", 252, 0.95, "blue")]),
    "elektro": ("mist", [("radio", 122, 1.15, "clay"), ("lamp", 252, 1.0, "wheat")]),
    "schreibwaren": ("straw", [("notebook", 112, 1.1, "forest"), ("pencils", 220, 1.05, "")]),
    "goldschmied": ("night", [("ring", 160, 1.3, "")]),
    "friseur": ("mist", [("scissors", 136, 1.15, ""), ("comb", 226, 1.05, "brick")]),
    "raumausstattung": ("linen", [("chair", 134, 1.1, "leaf"), ("lamp", 260, 1.1, "clay")]),
    "reinigung": ("mist", [("line", 160, 1.15, "")]),
    "unverpackt": ("field", [("glass", 84, 1.0, "wheat"), ("glass", 166, 1.15, "clay"), ("glass", 252, 0.9, "leaf")]),
    "bioladen": ("field", [("basket", 122, 1.1, ""), ("wheat", 226, 1.0, ""), ("apple", 270, 0.8, "brick")]),
    "cafe": ("tile", [("cup", 130, 1.2, "forest"), ("cake", 248, 0.9, "wheat")]),
    "tee": ("straw", [("teapot", 128, 1.15, "brick"), ("bag", 254, 0.95, "forest")]),
    "sport": ("mist", [("racket", 116, 0.95, ""), ("ball", 226, 1.05, "clay")]),
    "allerlei": ("straw", [("carrier", 118, 1.1, "forest"), ("parcel", 234, 0.85, "")]),
}

# Three drawings of each category, so that a page of one kind of goods is not one picture twenty times.
CATEGORIES: dict[str, list[tuple[str, list[Thing]]]] = {
    "brot": [
        ("straw", [("loaf", 160, 1.35, "")]),
        ("tile", [("loaf", 110, 0.85, ""), ("loaf", 216, 0.66, ""), ("wheat", 284, 0.9, "")]),
        ("field", [("sack", 104, 1.15, "cream"), ("loaf", 212, 0.9, "")]),
    ],
    "getraenke": [
        ("field", [("juice", 124, 1.15, ""), ("bottle", 204, 1.15, "")]),
        ("straw", [("juice", 92, 1.0, ""), ("juice", 160, 1.2, ""), ("juice", 228, 1.0, "")]),
        ("mist", [("bottle", 128, 1.2, ""), ("cup", 216, 0.85, "clay")]),
    ],
    "suesses": [
        ("tile", [("chocolate", 120, 1.05, "plum"), ("cake", 222, 0.95, "blue")]),
        ("straw", [("cake", 110, 1.1, "brick"), ("cake", 212, 0.9, "leaf")]),
        ("mist", [("jar", 112, 1.1, ""), ("chocolate", 216, 0.95, "forest")]),
    ],
    "konserven": [
        ("mist", [("tin", 118, 1.2, "brick"), ("tin", 206, 1.0, "forest")]),
        ("straw", [("jar", 122, 1.25, ""), ("tin", 214, 1.0, "blue")]),
        ("field", [("jar", 106, 1.0, ""), ("jar", 196, 1.3, "")]),
    ],
    "nudeln": [
        ("straw", [("spaghetti", 112, 1.0, ""), ("sack", 212, 1.0, "cream")]),
        ("field", [("sack", 130, 1.2, "wheat"), ("wheat", 236, 1.1, "")]),
        ("tile", [("bowl", 122, 1.2, "forest"), ("spaghetti", 226, 1.0, "")]),
    ],
    "milch": [
        ("field", [("milk", 112, 1.1, ""), ("cheese", 216, 1.0, "")]),
        ("mist", [("milk", 116, 1.2, ""), ("milk", 202, 1.0, "")]),
        ("straw", [("cheese", 158, 1.45, "")]),
    ],
    "obst": [
        ("straw", [("apple", 104, 1.1, "brick"), ("pear", 180, 1.1, "leaf"), ("apple", 246, 0.95, "gold")]),
        ("field", [("basket", 160, 1.3, "")]),
        ("mist", [("pear", 128, 1.35, "gold"), ("apple", 212, 1.15, "leaf")]),
    ],
    "gewuerze": [
        ("tile", [("mill", 128, 1.1, ""), ("glass", 216, 0.85, "clay")]),
        ("straw", [("glass", 90, 0.9, "brick"), ("glass", 164, 1.05, "gold"), ("glass", 242, 0.9, "leaf")]),
        ("field", [("jar", 122, 1.1, ""), ("mill", 212, 1.15, "")]),
    ],
    "drogerie": [
        ("mist", [("pump", 128, 1.2, "blue"), ("soap", 220, 1.1, "rose")]),
        ("tile", [("pump", 122, 1.15, "clay"), ("pump", 204, 0.9, "sage")]),
        ("field", [("soap", 132, 1.5, "wheat"), ("brush", 236, 1.2, "forest")]),
    ],
    "kleidung": [
        ("linen", [("shirt", 160, 1.25, "blue")]),
        ("tile", [("dress", 160, 1.2, "forest")]),
        ("straw", [("shirt", 160, 1.25, "clay")]),
    ],
    "musik": [
        ("tile", [("record", 204, 1.05, ""), ("sleeve", 130, 1.1, "clay")]),
        ("straw", [("radio", 160, 1.4, "brick")]),
        ("mist", [("record", 214, 1.0, ""), ("sleeve", 140, 1.1, "sky")]),
    ],
    "dienstleistung": [
        ("field", [("bell", 124, 1.1, ""), ("calendar", 240, 0.95, "")]),
        ("straw", [("bell", 160, 1.35, "")]),
        ("mist", [("calendar", 122, 1.15, ""), ("pencils", 224, 1.0, "")]),
    ],
    "buecher": [
        ("linen", [("books", 160, 1.3, "")]),
        ("straw", [("upright", 160, 1.25, "")]),
        ("mist", [("notebook", 108, 1.15, "brick"), ("books", 222, 0.85, "")]),
    ],
    "blumen": [
        ("field", [("flowers", 160, 1.15, "")]),
        ("straw", [("pot", 160, 1.2, "")]),
        ("mist", [("can", 110, 1.0, ""), ("flowers", 228, 0.95, "")]),
    ],
    "haushalt": [
        ("linen", [("iron", 122, 1.1, "blue"), ("bowl", 250, 0.8, "brick")]),
        ("mist", [("cookpot", 124, 1.05, "forest"), ("bowl", 254, 0.8, "wheat")]),
        ("straw", [("lamp", 112, 1.15, "brick"), ("bowl", 220, 1.05, "blue")]),
    ],
    "fleisch": [
        ("tile", [("ham", 160, 1.5, "")]),
        ("straw", [("sausage", 130, 1.2, ""), ("jar", 254, 0.85, "")]),
        ("field", [("ham", 116, 1.2, ""), ("sausage", 244, 0.75, "")]),
    ],
    "baby": [
        ("mist", [("duck", 124, 1.1, ""), ("blocks", 234, 0.85, "")]),
        ("straw", [("duck", 164, 1.4, "")]),
        ("tile", [("blocks", 112, 1.0, ""), ("milk", 218, 1.0, "")]),
    ],
    "tiere": [
        ("straw", [("dog", 142, 1.1, "crust"), ("bowl", 248, 0.55, "brick")]),
        ("field", [("dog", 160, 1.25, "stone")]),
        ("mist", [("sack", 122, 1.25, "wheat"), ("bowl", 228, 0.9, "brick")]),
    ],
    "spielzeug": [
        ("straw", [("blocks", 110, 1.05, ""), ("ball", 222, 1.1, "forest")]),
        ("mist", [("train", 160, 1.35, "")]),
        ("field", [("ball", 116, 1.3, "clay"), ("blocks", 228, 0.9, "")]),
    ],
    "lebensmittel": [
        ("field", [("basket", 138, 1.2, ""), ("milk", 248, 0.9, "")]),
        ("straw", [("juice", 92, 1.0, ""), ("loaf", 204, 0.85, "")]),
        ("mist", [("cheese", 122, 1.0, ""), ("apple", 240, 1.0, "brick")]),
    ],
    "allerlei": [
        ("linen", [("parcel", 122, 1.1, ""), ("carrier", 242, 0.9, "leaf")]),
        ("field", [("carrier", 160, 1.25, "brick")]),
        ("straw", [("parcel", 160, 1.35, "")]),
    ],
}


def pieces() -> dict[str, str]:
    """Reads the things, by name."""
    text = (HERE / "artwork_pieces.svg").read_text(encoding="utf-8")
    return dict(re.findall(r'^<g id="(\w+)">(.*)</g>$', text, re.MULTILINE))


def scene(ground: str, things: list[Thing], shapes: dict[str, str]) -> str:
    """One picture, 320 by 240: things stand in front of each other from left to right, each with its shadow."""
    wall, table, sun = GROUNDS[ground]
    parts = [
        f'<path fill="{wall}" d="M0 0h320v240H0z"/>',
        f'<circle fill="{sun}" cx="160" cy="132" r="104"/>',
        f'<path fill="{table}" d="M0 {TABLE - 14}h320v{240 - TABLE + 14}H0z"/>',
    ]
    for name, x, size, colour in things:
        shape = shapes[name].replace("{c}", COLOURS.get(colour, ""))
        shape = re.sub(r"\{(\w+)\}", lambda found: COLOURS[found[1]], shape)
        width = round(58 * size)
        parts.append(f'<ellipse fill="#2a322d" opacity=".13" cx="{x + 6}" cy="{TABLE + 14}" rx="{width}" ry="7"/>')
        parts.append(f'<g transform="translate({x} {TABLE + 14}) scale({size})">{shape}</g>')
    return wrap("".join(parts), 320, 240)


def wrap(content: str, width: int, height: int) -> str:
    """The document around a drawing."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{content}</svg>\n'


def draw() -> list[Path]:
    """Writes every picture and names the files."""
    shapes, written = pieces(), []
    scenes = {f"trade-{slug}": drawn for slug, drawn in TRADES.items()}
    for slug, variants in CATEGORIES.items():
        for number, drawn in enumerate(variants, start=1):
            scenes[f"category-{slug}" + (f"-{number}" if number > 1 else "")] = drawn
    for name, (ground, things) in scenes.items():
        target = TARGET / f"{name}.svg"
        target.write_text(scene(ground, things, shapes), encoding="utf-8")
        written.append(target)
    return written


if __name__ == "__main__":
    for path in draw():
        print(path.relative_to(HERE.parent))
