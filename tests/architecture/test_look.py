"""What the look promises: weight, vendored files unchanged, no style or script inside a page, every picture drawn."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*.html")
    if "mail" not in path.relative_to(TEMPLATES).parts and path.name != "mail.html"
)
ICON = re.compile(r"""(?:icon\(|symbol=|'symbol': )'([a-z0-9-]+)'""")


def test_all_style_of_the_house_stays_under_thirty_kilobytes() -> None:
    assert sum(path.stat().st_size for path in (STATIC / "base").glob("*.css")) < 30_000


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


def test_every_icon_named_in_a_page_is_in_the_sprite() -> None:
    sprites = list((STATIC / "vendor").glob("lucide-*/icons.svg"))
    assert len(sprites) == 1
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprites[0].read_text(encoding="utf-8")))
    named = {icon for page in PAGES for icon in ICON.findall(page.read_text(encoding="utf-8"))}
    assert named - drawn == set()


def test_every_category_has_three_drawings_and_every_voucher_a_face() -> None:
    marks = (TEMPLATES / "parts" / "marks.html").read_text(encoding="utf-8")
    slugs = re.search(r"set drawn = '([^']+)'", marks)
    assert slugs is not None
    wanted = {f"category-{slug}{number}.svg" for slug in slugs[1].split() for number in ("", "-2", "-3")}
    wanted |= {f"voucher-{design}.svg" for design in ("feld", "stadt", "allee", "fest")}
    assert wanted - {path.name for path in (STATIC / "artwork").glob("*.svg")} == set()


def test_dark_tokens_are_the_same_for_the_device_and_for_the_switch() -> None:
    text = (STATIC / "base" / "tokens.css").read_text(encoding="utf-8")
    by_device = re.search(r":root:not\(\[data-theme=light\]\)\{(.*?)\n\}", text, re.DOTALL)
    by_switch = re.search(r"\n\[data-theme=dark\]\{(.*?)\n\}", text, re.DOTALL)
    assert by_device is not None
    assert by_switch is not None
    assert by_device[1].split() == by_switch[1].split()
