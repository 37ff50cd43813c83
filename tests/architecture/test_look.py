"""What the look promises: weight, vendored files unchanged, no style or script inside a page, every picture drawn."""

import gzip
import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from foundation.assets import minify_sheet

ROOT = Path(__file__).parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*.html")
    if "mail" not in path.relative_to(TEMPLATES).parts and path.name != "mail.html"
)
ICON = re.compile(r"""(?:icon\(|symbol=|'symbol': )'([a-z0-9-]+)'""")


def test_all_style_of_the_house_stays_under_thirty_kilobytes() -> None:
    """As it is sent; packed by a front server it is eight."""
    sheets = [minify_sheet(path, 0) for path in sorted((STATIC / "base").glob("*.css"))]
    assert sum(map(len, sheets)) < 30_000
    assert len(gzip.compress(b"".join(sheets))) < 8_000


def test_vendored_files_are_the_ones_that_were_written_down() -> None:
    vendor = STATIC / "vendor"
    lines = (vendor / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    written = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name not in ("README.md", "SHA256SUMS")
    }
    assert found == written


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_page_carries_style_or_script_inside(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:", text) == []


def opening_tags(page: Path) -> list[str]:
    """The opening tags of a template with everything that Jinja puts into them."""
    text = re.sub(r"\{#.*?#\}|<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"<[a-z](?:\{%.*?%\}|\{\{.*?\}\}|\"[^\"]*\"|[^\">])*>", text, re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_attributes_under_conditions_do_not_grow_together(page: Path) -> None:
    """Jinja takes the line break after a statement and the indent before one: two in a row leave no space between."""
    assert [tag for tag in opening_tags(page) if re.search(r"endif -?%\}\s*\{%-? (?!end)", tag)] == []


def test_no_line_of_a_template_is_longer_than_140_characters() -> None:
    lines = [
        f"{page.relative_to(TEMPLATES)}:{number}"
        for page in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 140
    ]
    assert lines == []


MONEY_ARITHMETIC = re.compile(
    r"/ ?100\b|% ?100\b|%02d|cents ?[-+*/] |[-+*/] [\w.]*cents\b|sum\(attribute='[^']*(?:cents|net)'"
)
TEXTS = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt", ".typ"})


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_templates_build_no_lists_and_reckon_no_money(page: Path) -> None:
    """Views give sums ready; `euro` and `plain_amount` write them; rows come from call blocks."""
    text = page.read_text(encoding="utf-8")
    inside = " ".join(re.findall(r"\{[{%].*?[}%]\}", text, re.DOTALL))
    assert re.findall(r"\.append\(", inside) + MONEY_ARITHMETIC.findall(inside) == []


def test_money_that_is_reckoned_in_a_template_is_seen() -> None:
    for wrong in (
        "most // 100",
        "basis_points / 100",
        "'%d,%02d' % x",
        "a.total_cents - a.due_cents",
        "s|sum(attribute='cents')",
        "2 * cents",
    ):
        assert MONEY_ARITHMETIC.search(wrong), wrong


def test_every_icon_named_in_a_page_is_in_the_sprite() -> None:
    sprites = list((STATIC / "vendor").glob("lucide-*/icons.svg"))
    assert len(sprites) == 1
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprites[0].read_text(encoding="utf-8")))
    named = {icon for page in PAGES for icon in ICON.findall(page.read_text(encoding="utf-8"))}
    assert named - drawn == set()


def test_every_category_has_three_drawings_and_every_voucher_a_face() -> None:
    marks = (TEMPLATES / "parts" / "marks.html").read_text(encoding="utf-8")
    drawn = re.search(r"set drawn = \[([^]]+)\]", marks)
    assert drawn is not None
    wanted = {
        f"category-{slug}{number}.svg" for slug in re.findall(r"'([^']+)'", drawn[1]) for number in ("", "-2", "-3")
    }
    wanted |= {f"voucher-{design}.svg" for design in ("feld", "stadt", "allee", "fest")}
    assert wanted - {path.name for path in (STATIC / "artwork").glob("*.svg")} == set()


def test_every_colour_stands_once_for_day_and_night() -> None:
    text = (STATIC / "base" / "tokens.css").read_text(encoding="utf-8")
    colours = re.findall(r"(--[\w-]+): var\(--day, (#\w+)\) var\(--night, (#\w+)\);", text)
    assert len(colours) > 20
    assert max(Counter(name for name, _day, _night in colours).values()) == 1
    # The two switches are all that a rule for day or for night sets; no colour stands outside of the one list.
    switches = re.findall(r"color-scheme: (light|dark);\s+--day: ?(\w*);\s+--night: ?(\w*);\s+\}", text)
    assert switches == [("light", "initial", ""), ("dark", "", "initial"), ("dark", "", "initial")]
    in_pairs = [colour for _name, *pair in colours for colour in pair]
    shadow = re.findall(r"--shadow: ([^;]+);", text)
    assert len(re.findall(r"#[0-9a-f]{3,8}\b", text)) == len(in_pairs) + shadow[0].count("#")
