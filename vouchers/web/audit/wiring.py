"""What the auditor's pages add to the application."""

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from vouchers.web.audit import files, pages
from vouchers.web.audit.blueprint import PERMISSION
from vouchers.web.audit.blueprint import pages as blueprint

PACKAGE = Package(
    modules=(pages, files),
    pages=(blueprint,),
    menu=(
        MenuEntry(
            "account",
            "audit.sheet",
            lazy("Prüfung"),
            50,
            PERMISSION,
            note=lazy("Bücher, Deckung und Ströme des Geldes."),
            symbol="scale",
        ),
    ),
)
