"""Translations: compile what has changed; `--update` takes in the sources' texts, `--check` finds gaps.

German is the language of the sources and needs no catalogue; every other one must translate every text and keep its
places (`%(name)s`, `{amount}`). Where one German word needs two others, the text has a context: `pgettext('till', …)`.
"""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import TemplateSyntaxError

from foundation.languages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
SOURCES = ("foundation", "people", "money", "vouchers", "marketplace", "templates")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy": None,
    "plural": (1, 2),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
HEADER = """\
# The texts of PROJECT in English.
# Brought up to date by `make messages`; the words of the trade are those of docs/glossary.md.
#"""


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
        made = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        catalogue.creation_date = made  # a date of each run would make every run a change
        write(path, catalogue)


def write(path: Path, catalogue: Catalog) -> None:
    """The catalogue as a file: sorted, without the places in the sources, so that a change shows as one."""
    catalogue.header_comment, catalogue.project, catalogue.version = HEADER, "muensterland-marktplatz", "1"
    catalogue.fuzzy = False
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, no_location=True, sort_output=True)


def forms(texts: object) -> list[str]:
    """The text, or singular and plural."""
    return [str(text) for text in texts] if isinstance(texts, tuple | list) else [str(texts or "")]


def fault_of(message: Message, there: Message | None) -> str | None:
    """What is wrong with the translation of a text, or nothing."""
    texts = forms(there.string if there else "")
    if not all(texts) or (there and there.fuzzy):
        return "not translated"
    german, other = forms(message.id)[-1], texts[-1]
    if Counter(PLACES.findall(german)) != Counter(PLACES.findall(other)):
        return "has other places"
    if any(set(PLACES.findall(text)) - set(PLACES.findall(german)) for text in texts):
        return "has other places"
    in_template = any(str(place).startswith("templates/") for place, _line in message.locations)
    if not in_template and "%(" not in german:
        return None
    try:  # templates fill in every text, so a lone "%" in one breaks the page
        _filled = [text % defaultdict(int) for text in (*forms(message.id), *texts)]
    except (ValueError, TypeError):
        return "cannot be filled in (write %%)"
    return None


def faults(path: Path, wanted: Catalog) -> list[tuple[str, str]]:
    """(fault, German text) of everything the catalogue lacks or translates badly."""
    catalogue = read(path)
    found = []
    for message in filter(lambda message: message.id, wanted):
        fault = fault_of(message, catalogue.get(message.id, message.context))
        if fault:
            found.append((fault, forms(message.id)[0]))
    return found


def check() -> int:
    """1 when a language lacks a text or translates one badly, with the texts."""
    wanted, number = extracted(), 0
    for language in set(LANGUAGES) - {"de"} - {path.parent.parent.name for path in catalogues()}:
        print(f"translations/{language}/LC_MESSAGES/messages.po is missing")
        number += 1
    for path in catalogues():
        if path.parent.parent.name == "de":
            continue
        found = faults(path, wanted)
        for fault, text in found[:20]:
            print(f"{path.relative_to(ROOT)}: {fault}: {text[:120]!r}")
        if len(found) > 20:
            print(f"{path.relative_to(ROOT)}: and {len(found) - 20} more")
        number += len(found)
    return 1 if number else 0


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    compile_changed()
    sys.exit(check() if "--check" in sys.argv else 0)
