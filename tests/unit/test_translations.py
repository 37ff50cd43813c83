"""The English catalogue is complete and keeps its places; the German texts keep to the house's voice."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment

from scripts.translations import ROOT, catalogues, extracted, fault_of, faults, forms, read
from tests.builders.reading import GERMAN, german, said

PACKAGES = ("foundation", "people", "money", "vouchers", "marketplace")
SAYING = {"Invalid", "NotSignedIn", "NotEnough", "NotAllowed", "NotFound", "Refused", "TooMany", "Busy", "flash"}
ENGLISH = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
# German names that English keeps: programmes, places, letters of the law, headings of a file, search examples.
NAMES = re.compile(
    r"Münsterland(?:-Gutschein)?|§ 3\(15\) UStG|BFSG|MLBF|“Brot” in “Vollkornbrot”|North Rhine-Westphalia"
    r"|“Foto-Überweisung”|“QR-Code”|Bürgerbüro Coesfeld"
    r"|Zutaten, Allergene, Fasern, Inhalt, Pfand, Hersteller, Altersgrenze, Lagerung, MwSt\.|„“"
)
# Words that are the same in both languages.
ALIKE = (
    "atom bank bonus café code cookies e-mail feed gtin iban index logo "
    "name ok passkeys pause pdf pin position service sport status text"
)
SAME = frozenset(ALIKE.split())
# Words of templates that are no text: attributes, names of layouts and areas, a header to copy.
NO_TEXT = """
aria audit Authorization Bearer counter dark data describedby desk Idempotency invalid Key light main narrow next office
page practice theme till true
"""
TECHNICAL = frozenset(NO_TEXT.split())
# Samples in German, marked so: the style page, and the head and two lines of a list to copy.
SAMPLES = {"templates/foundation/house/style.html", "templates/vouchers/shop/lists/upload.html"}


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return extracted()


@pytest.fixture(scope="module")
def english() -> list[Message]:
    return [message for message in read(ENGLISH) if message.id]


def test_every_text_has_an_english_one_with_the_same_places(texts: Catalog) -> None:
    assert len(texts) > 1000
    assert catalogues() == [ENGLISH]
    assert faults(ENGLISH, texts) == []


@pytest.mark.parametrize(
    ("german_text", "translation", "fault"),
    [
        ("Es fehlt %(n)s.", "%(n)s is missing.", None),
        ("Es fehlt %(n)s.", "", "not translated"),
        ("Es fehlt %(n)s.", "%(number)s is missing.", "has other places"),
        ("{amount} bezahlt", "paid", "has other places"),
        (("%(num)s Laden", "%(num)s Läden"), ("%(num)s shop", "%(num)s shops"), None),
        (("%(num)s Laden", "%(num)s Läden"), ("%(num)s shop", ""), "not translated"),
        (("%(num)s Laden", "%(num)s Läden"), ("%(n)s shop", "%(num)s shops"), "has other places"),
        ("%(n)s %% fertig", "%(n)s%% done", None),
        ("%(n)s fertig", "%(n)s done 5%", "cannot be filled in (write %%)"),
    ],
)
def test_a_bad_translation_is_found(
    german_text: str | tuple[str, str], translation: str | tuple[str, str], fault: str | None
) -> None:
    there = Message(german_text, translation)
    assert fault_of(Message(german_text), there) == fault


def test_a_tentative_translation_is_none() -> None:
    assert fault_of(Message("Ort"), Message("Ort", "Town", flags=["fuzzy"])) == "not translated"
    assert fault_of(Message("Ort"), None) == "not translated"


def test_no_english_text_is_german(english: list[Message]) -> None:
    suspicious = []
    for message in english:
        for text in forms(message.string):
            bare = re.sub(r"%\(\w+\)s|\{\w+\}", " ", NAMES.sub(" ", text))
            words = set(re.findall(r"[a-zäöüß-]+", bare.lower()))
            kept = text in forms(message.id) and words - SAME and re.search(r"[a-z]{3}", bare)
            if kept or GERMAN & words or re.search(r"[äöüß„]", bare, re.I):
                suspicious.append(text)
    assert suspicious == []


def test_the_german_texts_are_calm_and_polite(texts: Catalog) -> None:
    faulty = []
    for message in texts:
        for text in forms(message.id) if message.id else []:
            shouting = "!" in text or re.search(r"\bFehler \d|\bError\b", text)
            familiar = re.search(r"\b(?:du|dir|dich|dein|deine[mnrs]?|euch|eure[mnrs]?)\b", text, re.I)
            foreign = re.search(r"\b(?:Account|Login|Logout|Checkout|User|Voucher(?!-)|Shop(?!-System)|Button)\b", text)
            if shouting or familiar or foreign:
                faulty.append(text)
    assert faulty == []


def bare_words(path: Path) -> set[str]:
    """Words of a template that stand outside of tags, expressions and `{% trans %}`."""
    lexer = Environment(extensions=["jinja2.ext.i18n"]).lexer
    parts, in_trans = [], False
    for _line, kind, value in lexer.tokeniter(path.read_text(), str(path)):
        in_trans = value == "trans" if kind == "name" and value in {"trans", "endtrans"} else in_trans
        if kind == "data" and not in_trans:
            parts.append(value)
        elif kind in {"variable_begin", "block_begin"}:
            parts.append("\N{NULL}")
    page = re.sub(r"<!--.*?-->", " ", "".join(parts), flags=re.S)
    spoken = re.findall(r'(?:alt|title|aria-label|placeholder)="([^"]*)"', page)
    return set(re.findall(r"[A-Za-zÄÖÜäöüß]{3,}", " ".join([re.sub(r"<[^<>]*>", " ", page), *spoken]))) - TECHNICAL


def test_a_word_that_nobody_can_translate_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p title="Ort">Halb {{ _("ganz") }} leer{% trans %}voll{% endtrans %}</p><!-- nur hier -->')
    assert bare_words(page) == {"Ort", "Halb", "leer"}


def test_every_word_of_a_template_is_a_text() -> None:
    found = {}
    for path in sorted((ROOT / "templates").rglob("*")):
        name = str(path.relative_to(ROOT))
        if path.suffix in {".html", ".txt"} and name not in SAMPLES:
            words = bare_words(path)
            if words:
                found[name] = sorted(words)
    assert found == {}


def test_german_is_seen_and_what_is_marked_as_german_is_not() -> None:
    page = (
        '<html lang="en"><p>Please pay.</p><p title="Bitte zahlen">Noch nicht</p><i lang="de">Brot mit Salz</i></html>'
    )
    assert german(page) == ["Bitte zahlen", "Noch nicht"]
    assert german("<p>http://localhost/bestellung/Ijk-es.im-7 and 4f2ist-und-3</p>") == []
    assert said("<style>p{}</style><p>One <b>two</b><br>three</p>") == ["One", "two", "three"]


def spoken_bare(path: Path) -> list[str]:
    """German sentences of a module that refuse or inform somebody and are no texts."""
    found = []
    for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        first = call.args[0]
        if name in SAYING and isinstance(first, ast.Constant | ast.JoinedStr):
            parts = [first] if isinstance(first, ast.Constant) else first.values
            text = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            if GERMAN & set(re.findall(r"[a-zäöüß]+", text.lower())) or re.search(r"[äöüß]", text, re.I):
                found.append(text)
    return found


def test_every_refusal_is_a_text(tmp_path: Path) -> None:
    bare = tmp_path / "bare.py"
    bare.write_text(
        'raise Refused("Das geht nicht.")\nraise Refused(_("Das geht nicht."))\nflash(f"{n} ist nicht da")\n'
    )
    assert spoken_bare(bare) == ["Das geht nicht.", " ist nicht da"]
    modules = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    spoken = {str(path.relative_to(ROOT)): spoken_bare(path) for path in modules if path.name != "commands.py"}
    assert {name: texts for name, texts in spoken.items() if texts} == {}  # the command line speaks German alone
