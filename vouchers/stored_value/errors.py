"""What stored value refuses: each code and its sentence once. `DEDUCTION_REFUSALS`: outcomes of deductions in words."""

from foundation.errors import DomainError, Invalid, NotEnough, NotFound, Refused
from foundation.languages import _, lazy
from money.amount import euro
from vouchers.stored_value.states import Outcome


def programme_unknown() -> NotFound:
    """Say that there is no such programme."""
    return NotFound(_("Dieses Gutscheinprogramm gibt es nicht."), "programme_unknown")


def voucher_unknown() -> NotFound:
    """Say that there is no such voucher."""
    return NotFound(_("Diesen Gutschein gibt es nicht."), "voucher_unknown")


def lot_gone() -> NotFound:
    """Say that the voucher has no such lot, or that the lot moved to another voucher."""
    return NotFound(_("Diesen Anteil gibt es auf dem Gutschein nicht."), "lot_gone")


def amount_outside_limits(field: str = "cents") -> Invalid:
    """Say that the programme sells no such amount."""
    return Invalid(_("Dieser Betrag ist in diesem Programm nicht möglich."), "amount_outside_limits", field=field)


def too_many_at_once() -> Invalid:
    """Say how many vouchers are issued in one call."""
    return Invalid(_("Auf einmal sind 1 bis 1000 Gutscheine möglich."), "too_many_at_once")


def end_too_early() -> Invalid:
    """Refuse paid value that would end before the limitation period (§§ 195, 199 BGB)."""
    return Invalid(_("Bezahltes Guthaben muss mindestens drei Jahre gelten."), "end_too_early")


def code_taken() -> Refused:
    """Say that a voucher with this code, token or PIN exists."""
    return Refused(_("Diesen Code gibt es schon."), "code_taken")


def already_issued() -> Refused:
    """Say that the key has issued before: its secrets are not shown again."""
    return Refused(_("Dieser Gutschein wurde schon ausgegeben."), "already_issued")


def voucher_not_loadable() -> Refused:
    """Say that the voucher is blocked or has come to an end."""
    return Refused(_("Dieser Gutschein lässt sich nicht (mehr) aufladen."), "voucher_not_loadable")


def charter_most(maximum_cents: int) -> Refused:
    """Say how much may lie on one voucher of the programme."""
    most = _("So viel darf auf einem Gutschein nicht liegen (höchstens %(most)s).", most=euro(maximum_cents))
    return Refused(most, "charter_most")


def not_renewable() -> Refused:
    """Say that the voucher gets no new secrets: it has come to an end, or the key was used."""
    return Refused(_("Für diesen Gutschein gibt es keinen neuen Code (mehr)."), "voucher_not_renewable")


def voucher_state_forbids() -> Refused:
    """Say that a voucher in this state is not blocked, unblocked or unlocked."""
    return Refused(_("Das geht bei diesem Gutschein nicht (mehr)."), "voucher_state_forbids")


def no_voucher() -> NotFound:
    """Refuse to show a voucher: one sentence for unknown codes, wrong PINs and locked codes."""
    sentence = _("Dazu finden wir keinen Gutschein. Bitte prüfen Sie Code und PIN oder öffnen Sie den Link der E-Mail.")
    return NotFound(sentence, "no_voucher")


def voucher_not_accepted() -> NotFound:
    """Refuse a voucher in a checkout: one sentence for unknown, blocked and locked ones and for wrong PINs."""
    sentence = _("Diesen Gutschein können wir nicht annehmen. Bitte prüfen Sie Code und PIN.")
    return NotFound(sentence, "voucher_not_accepted")


def balance_too_low(details: dict[str, object]) -> NotEnough:
    """Say that less is left than the checkout reckoned with."""
    return NotEnough(_("Das Guthaben des Gutscheins reicht nicht mehr."), "balance_too_low", **details)


def voucher_outside_network() -> Refused:
    """Say that the shop of an order does not accept the voucher."""
    return Refused(_("Dieser Gutschein gilt nicht in diesem Geschäft."), "outside_network")


def voucher_not_redeemable() -> Refused:
    """Say that nothing can be held of the voucher, whatever the reason."""
    return Refused(_("Dieser Gutschein ist nicht einlösbar."), "not_redeemable")


def nothing_captured() -> Refused:
    """Say that a payment took nothing of the voucher, so that nothing can be given back."""
    return Refused(_("Von diesem Gutschein wurde nichts genommen."), "nothing_captured")


def refund_too_high() -> Refused:
    """Say that more was asked back than a payment took."""
    return Refused(_("So viel lässt sich auf den Gutschein nicht zurückgeben."), "voucher_refund_refused")


DEDUCTION_REFUSALS: dict[str, object] = {
    Outcome.HELD: lazy("Auf diesem Gutschein ist gerade etwas für eine Bestellung reserviert."),
    Outcome.NOT_ENDED: lazy("Dieses Guthaben gilt noch."),
    Outcome.NOTHING_LEFT: lazy("Auf diesem Gutschein ist nichts mehr."),
    Outcome.INSUFFICIENT: lazy("So viel ist auf diesem Gutschein nicht frei."),
    Outcome.SAME: lazy("Das ist derselbe Gutschein."),
    Outcome.OTHER_PROGRAMME: lazy("Nur Gutscheine desselben Programms lassen sich zusammenlegen."),
    Outcome.OVER_MAXIMUM: lazy("So viel darf auf einem Gutschein nicht liegen."),
    Outcome.BLOCKED: lazy("Dieser Gutschein ist gesperrt oder gilt nicht mehr."),
    Outcome.ENDED: lazy("Dieser Gutschein gilt nicht mehr."),
}


def deduction_refused(outcome: str) -> DomainError:
    """Say why nothing was taken out of a voucher, or moved to another one. `outcome`: of the database's function."""
    if outcome == Outcome.UNKNOWN:
        return voucher_unknown()
    if outcome not in DEDUCTION_REFUSALS:
        return voucher_state_forbids()
    return Refused(str(DEDUCTION_REFUSALS[outcome]), f"voucher_{outcome}")
