"""How this package plugs into the application."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from people import models
from people.web import account, desk, guards, invitation, office, security, sign_in


def _who() -> dict[str, object]:
    person = guards.current_person()
    return {"signed_in": person is not None, "person_label": (person.name or person.email) if person else ""}


def plug(app: Flask) -> None:
    """Register tables, sign-in, the account."""
    assert models
    security.plug(app)
    app.register_blueprint(sign_in.pages)
    app.register_blueprint(account.pages)
    app.register_blueprint(desk.pages)
    app.register_blueprint(invitation.pages)
    app.register_blueprint(office.pages)
    app.context_processor(_who)
    navigation.may = guards.may
    navigation.add(
        "desk", "desk_people.members", lazy("Mitarbeit"), order=80, permission="members.manage", group=lazy("Laden")
    )
    navigation.add("office", "office.overview", lazy("Überblick"), order=10, permission="office.see")
    navigation.add(
        "office",
        "office.permissions",
        lazy("Rollen und Rechte"),
        order=90,
        permission="office.see",
        group=lazy("Grundlagen"),
        note=lazy("Welche Rolle was darf."),
        symbol="key-round",
    )
    navigation.add(
        "account",
        "office.overview",
        lazy("Betrieb"),
        order=40,
        permission="office.see",
        note=lazy("Programme, Freigaben und Geld."),
        symbol="building-2",
    )
    navigation.add(
        "account",
        "account.safety",
        lazy("Anmeldung und Sicherheit"),
        order=90,
        note=lazy("Passwort, Passkeys, zweiter Faktor."),
        symbol="shield-check",
    )
