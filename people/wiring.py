"""How this package plugs into the application."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package, navigation
from people import models
from people.web import account, desk, guards, invitation, office, security, sign_in

MENU = (
    MenuEntry("desk", "desk_people.members", lazy("Mitarbeit"), 80, "members.manage", lazy("Laden")),
    MenuEntry("office", "office.overview", lazy("Überblick"), 10, "office.see"),
    MenuEntry(
        "office",
        "office.permissions",
        lazy("Rollen und Rechte"),
        90,
        "office.see",
        lazy("Grundlagen"),
        note=lazy("Welche Rolle was darf."),
        symbol="key-round",
    ),
    MenuEntry(
        "account",
        "office.overview",
        lazy("Betrieb"),
        40,
        "office.see",
        note=lazy("Programme, Freigaben und Geld."),
        symbol="building-2",
    ),
    MenuEntry(
        "account",
        "account.safety",
        lazy("Anmeldung und Sicherheit"),
        90,
        note=lazy("Passwort, Passkeys, zweiter Faktor."),
        symbol="shield-check",
    ),
)
PACKAGE = Package(
    modules=(models,),
    pages=(sign_in.pages, account.pages, desk.pages, invitation.pages, office.pages),
    menu=MENU,
)


def _describe_visitor() -> dict[str, object]:
    person = guards.current_person()
    return {"signed_in": person is not None, "person_label": (person.name or person.email) if person else ""}


def plug(app: Flask) -> None:
    """Register tables, sign-in and the account."""
    security.plug(app)
    PACKAGE.plug(app)
    app.context_processor(_describe_visitor)
    navigation.may = guards.may
