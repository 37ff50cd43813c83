"""What people and organisations refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refused
from foundation.languages import _


def address_taken() -> Invalid:
    """Say that somebody has this address already."""
    return Invalid(_("Zu dieser E-Mail-Adresse gibt es schon einen Zugang."), "address_taken", field="email")


def role_unknown() -> Invalid:
    """Say that there is no such role, or that it cannot be given here."""
    return Invalid(_("Diese Rolle gibt es nicht."), "role_unknown", field="role")


def name_too_long() -> Invalid:
    """Say how long a person's name may be."""
    return Invalid(_("Der Name ist zu lang (höchstens 120 Zeichen)."), "name_too_long", field="name")


def hours_not_readable() -> Invalid:
    """Say how opening hours are written."""
    sentence = _("Diese Öffnungszeiten können wir nicht lesen. Ein Beispiel: Mo-Fr 09:00-12:30,14:30-18:30")
    return Invalid(sentence, "hours_not_readable", field="opening_hours")


def outlet_unknown() -> NotFound:
    """Say that there is no such place of business."""
    return NotFound(_("Dieses Geschäft gibt es nicht (mehr)."), "outlet_unknown")


def organisation_unknown() -> NotFound:
    """Say that there is no such organisation."""
    return NotFound(_("Diese Organisation gibt es nicht."), "organisation_unknown")


def member_unknown() -> NotFound:
    """Say that this person has no role here."""
    return NotFound(_("Diese Person arbeitet hier nicht (mehr)."), "member_unknown")


def too_many_members(maximum: int) -> Refused:
    """Say how many people can have access to an organisation."""
    return Refused(_("Mehr als %(most)s Zugänge hat ein Geschäft nicht.", most=maximum), "too_many_members")


def own_access() -> Refused:
    """Say that nobody takes their own access away: an owner always stays."""
    return Refused(_("Den eigenen Zugang können Sie nicht entfernen."), "own_access")


def outlet_of_others() -> NotAllowed:
    """Say that the place of business is not one of the visitor's."""
    return NotAllowed(_("Dieses Geschäft gehört nicht zu Ihrem Zugang."), "outlet_of_others")


def sign_in_missing() -> NotSignedIn:
    """Ask who is not signed in to do so."""
    return NotSignedIn(_("Bitte melden Sie sich an."), "sign_in_missing")


def sign_in_not_fresh() -> NotSignedIn:
    """Ask for the password or passkey once more."""
    return NotSignedIn(_("Bitte bestätigen Sie Ihr Passwort noch einmal."), "sign_in_not_fresh")


def permission_missing() -> NotAllowed:
    """Say that the visitor's roles do not hold the permission."""
    return NotAllowed(_("Dafür ist Ihr Zugang nicht freigeschaltet."), "permission_missing")


def second_factor_missing() -> NotAllowed:
    """Ask staff to set up a second factor first."""
    return NotAllowed(_("Richten Sie zuerst einen zweiten Faktor ein."), "second_factor_missing")


def outlet_not_yours() -> NotFound:
    """Say the same where the place of business of others does not exist for the visitor."""
    return NotFound(outlet_of_others().sentence, "outlet_not_yours")
