"""Translations: compile what has changed; `--update` takes in the sources' texts, `--check` finds gaps.

German is the language of the sources and needs no catalogue; every other one must translate every text.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import TemplateSyntaxError

from foundation.languages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
SOURCES = ("foundation", "people", "money", "vouchers", "marketplace", "templates")
KEYWORDS = {"_": None, "gettext": None, "lazy": None, "plural": (1, 2), "ngettext": (1, 2)}


def catalogues() -> list[Path]:
    """Every language's file."""
    return sorted(FOLDER.glob("*/LC_MESSAGES/*.po"))


def extracted() -> Catalog:
    """All texts for people in the sources."""
    found = Catalog(project="muensterland-marktplatz", charset="utf-8", fuzzy=False)
    options = {"silent": "false"}
    for source in filter(lambda name: (ROOT / name).is_dir(), SOURCES):
        for path in sorted((ROOT / source).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"}:
                continue
            method = "python" if path.suffix == ".py" else "jinja2"
            try:
                texts = extract_from_file(method, path, KEYWORDS, ("Translators:",), options)
            except (TemplateSyntaxError, SyntaxError, UnicodeDecodeError) as fault:
                raise SystemExit(f"{path.relative_to(ROOT)}: {fault}") from fault
            for line, message, comments, context in texts:
                place = [(str(path.relative_to(ROOT)), line)]
                found.add(message, None, place, auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def compile_changed() -> None:
    """Write the .mo of every .po that is newer than it."""
    for path in catalogues():
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        making = target.with_suffix(".making")
        with making.open("wb") as file:
            write_mo(file, read(path))
        making.replace(target)


def update() -> None:
    """Bring the texts of the sources into every catalogue; what is no longer said leaves it."""
    template = extracted()
    for language in set(LANGUAGES) - {"de"}:
        path = FOLDER / language / "LC_MESSAGES" / "messages.po"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, Catalog(locale=language))
    for path in catalogues():
        catalogue = read(path)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, no_location=True, sort_output=True)


def missing(path: Path, wanted: Catalog) -> list[str]:
    """Texts that the catalogue does not translate, or translates only tentatively."""
    catalogue = read(path)
    found = []
    for message in wanted:
        if not message.id:
            continue
        there = catalogue.get(message.id, message.context)
        texts = there.string if there else ""
        if not all(texts if isinstance(texts, tuple | list) else [texts]) or (there and there.fuzzy):
            found.append(str(message.id if isinstance(message.id, str) else message.id[0]))
    return found


def check() -> int:
    """1 when a language lacks a text, with the texts."""
    wanted, faults = extracted(), 0
    for language in set(LANGUAGES) - {"de"} - {path.parent.parent.name for path in catalogues()}:
        print(f"translations/{language}/LC_MESSAGES/messages.po is missing")
        faults += 1
    for path in catalogues():
        if path.parent.parent.name == "de":
            continue
        lacking = missing(path, wanted)
        for text in lacking[:20]:
            print(f"{path.relative_to(ROOT)}: not translated: {text[:120]!r}")
        if len(lacking) > 20:
            print(f"{path.relative_to(ROOT)}: and {len(lacking) - 20} more")
        faults += len(lacking)
    return 1 if faults else 0


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    compile_changed()
    sys.exit(check() if "--check" in sys.argv else 0)
