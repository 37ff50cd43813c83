"""What tills refuse: each code and its sentence once. `REFUSALS`: what a till hears of the database's outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from foundation import errors
from foundation.errors import Busy, DomainError, Invalid, NotFound, Refused
from foundation.languages import _, lazy
from vouchers.stored_value.states import Outcome
from vouchers.tills import pausing


def invitation_not_valid() -> NotFound:
    """Say that an invitation was used, is too old or never was: one sentence for all three."""
    sentence = _("Diese Einladung gilt nicht mehr. Bitte zeigen Sie am Schreibtisch des Geschäfts eine neue an.")
    return NotFound(sentence, "invitation_not_valid")


def invitation_used() -> NotFound:
    """Say that another device used the invitation in this moment."""
    return NotFound(_("Diese Einladung wurde gerade benutzt."), "invitation_used")


def till_not_here() -> NotFound:
    """Say that the shop has no such till."""
    return NotFound(_("Diese Kasse gibt es nicht."), "till_not_here")


def too_many_tills() -> Refused:
    """Say how many tills a shop can have."""
    sentence = _("Mehr als 50 Kassen sind je Geschäft nicht möglich. Bitte melden Sie alte ab.")
    return Refused(sentence, "too_many_tills")


def name_not_valid(field: str) -> Invalid:
    """Say how long the name of a till, a token or a person at the till is."""
    return Invalid(_("Bitte geben Sie einen Namen mit 1 bis 40 Zeichen ein."), "name_not_valid", field=field)


def scopes_not_valid() -> Invalid:
    """Ask what a token may do."""
    return Invalid(_("Bitte wählen Sie, was dieser Zugang darf."), "scopes_not_valid", field="scopes")


def too_many_tokens() -> Refused:
    """Say how many tokens a till can have."""
    return Refused(_("Mehr als zehn Zugänge sind je Kasse nicht möglich."), "too_many_tokens")


def token_not_here() -> NotFound:
    """Say that the token does not exist or is not valid any more."""
    return NotFound(_("Diesen Zugang gibt es nicht (mehr)."), "token_not_here")


def staff_role_unknown() -> Invalid:
    """Say that nobody at a till has such a role."""
    return Invalid(_("Diese Aufgabe gibt es nicht."), "staff_role_unknown", field="role")


def too_many_staff() -> Refused:
    """Say how many people can work at a shop's tills."""
    return Refused(_("Mehr als 20 Personen sind je Geschäft nicht möglich."), "too_many_staff")


def alias_taken() -> Invalid:
    """Say that somebody at this shop's tills has this alias."""
    return Invalid(_("Diesen Namen gibt es in diesem Geschäft schon."), "alias_taken", field="alias")


def staff_not_here() -> NotFound:
    """Say that nobody like that works at this shop's tills."""
    return NotFound(_("Diese Person gibt es hier nicht."), "staff_not_here")


def pin_not_valid() -> Invalid:
    """Say how long a PIN is."""
    return Invalid(_("Die PIN braucht 4 bis 6 Ziffern."), "pin_not_valid", field="pin")


def pin_easy() -> Invalid:
    """Refuse the PINs that everybody tries first."""
    sentence = _("Diese PIN ist zu leicht zu erraten. Bitte wählen Sie eine andere.")
    return Invalid(sentence, "pin_easy", field="pin")


def key_without_result() -> NotFound:
    """Say that nothing happened under an idempotency key."""
    return NotFound(_("Unter diesem Schlüssel ist nichts geschehen."), "not_found", state="not_found")


class InProgress(Refused):
    """The same voucher is being changed this moment; asking again with the same key is right."""


def in_progress() -> InProgress:
    """Ask to repeat the call: the voucher's row was locked for five seconds."""
    sentence = _("Dieser Gutschein wird gerade bearbeitet. Bitte versuchen Sie es gleich noch einmal.")
    return InProgress(sentence, "in_progress")


def result_unknown() -> Busy:
    """Say that the connection broke before the answer: the same key finds out."""
    return Busy(_("Ob es geklappt hat, ist noch nicht sicher. Bitte fragen Sie gleich noch einmal."), "unknown")


@dataclass(frozen=True)
class Refusal:
    """How a till hears of an outcome. `reason_code` tells cash systems apart what people hear under one code."""

    kind: type[DomainError]
    sentence: object
    code: str
    reason_code: str | None = None

    def error(self, details: dict[str, Any]) -> DomainError:
        """Make the error, with the details that the database answered."""
        reason = {"reason_code": self.reason_code} if self.reason_code else {}
        return self.kind(str(self.sentence), self.code, **reason, **details)


NOT_REDEEMABLE = Refusal(NotFound, lazy("Dieser Gutschein ist nicht einlösbar."), "not_redeemable")
REFUSALS: dict[str, Refusal] = {
    Outcome.INSUFFICIENT: Refusal(errors.NotEnough, lazy("Das Guthaben reicht nicht."), "insufficient"),
    Outcome.OUTSIDE_NETWORK: Refusal(
        errors.NotAllowed,
        lazy("Dieser Gutschein gilt nicht in diesem Geschäft."),
        "outside_network",
        "not_accepted_here",
    ),
    Outcome.OUTLET_SUSPENDED: Refusal(
        errors.NotAllowed,
        lazy("Dieses Geschäft kann zurzeit keine Gutscheine einlösen."),
        "outside_network",
        "outlet_suspended",
    ),
    Outcome.KEY_REUSED: Refusal(Invalid, lazy("Dieser Schlüssel gehört zu einer anderen Anfrage."), "key_reused"),
    Outcome.TOO_MANY: Refusal(
        errors.TooMany, lazy("Das waren zu viele falsche Codes. Bitte warten Sie zehn Minuten."), "too_many"
    ),
    Outcome.VELOCITY_VOUCHER: Refusal(
        errors.TooMany,
        lazy("Dieser Gutschein wurde in kurzer Zeit zu oft benutzt. Bitte warten Sie zehn Minuten."),
        "velocity_voucher",
    ),
    Outcome.TILL_PAUSED: Refusal(
        errors.NotAllowed, lazy("Diese Kasse ist angehalten. Bitte rufen Sie uns an."), "till_paused"
    ),
    Outcome.SCOPE_MISSING: Refusal(errors.NotAllowed, lazy("Dieser Zugang darf das nicht."), "scope_missing"),
    Outcome.TILL_UNKNOWN: Refusal(errors.NotSignedIn, lazy("Diese Kasse ist nicht (mehr) angemeldet."), "till_unknown"),
}
HOLD_REFUSALS: dict[str, Refusal] = REFUSALS | {
    Outcome.NO_HOLD: Refusal(NotFound, lazy("Diese Reservierung gibt es hier nicht."), "hold_unknown"),
    Outcome.ALREADY_ENDED: Refusal(Refused, lazy("Diese Reservierung ist schon beendet."), "hold_already_ended"),
    Outcome.EXPIRED: Refusal(Refused, lazy("Diese Reservierung ist abgelaufen."), "hold_expired"),
    Outcome.MORE_THAN_HELD: Refusal(Refused, lazy("So viel ist nicht reserviert."), "more_than_held"),
}
RETURN_REFUSALS: dict[str, Refusal] = REFUSALS | {
    Outcome.UNKNOWN: Refusal(NotFound, lazy("Diese Einlösung gibt es hier nicht."), "redemption_unknown"),
    Outcome.ALREADY_RETURNED: Refusal(
        Refused, lazy("Diese Einlösung ist schon storniert oder erstattet."), "already_returned"
    ),
    Outcome.ANOTHER_DAY: Refusal(
        Refused, lazy("Stornieren geht nur am selben Tag. Danach ist eine Erstattung möglich."), "another_day"
    ),
    Outcome.MORE_THAN_REDEEMED: Refusal(
        Refused, lazy("Mehr als eingelöst wurde, lässt sich nicht erstatten."), "more_than_redeemed"
    ),
    Outcome.NOT_AT_THE_TILL: Refusal(
        Refused, lazy("Diese Zahlung wurde nicht an der Kasse gemacht."), "not_at_the_till"
    ),
    Outcome.WRONG_AMOUNT: Refusal(Refused, lazy("Dieser Betrag geht nicht."), "wrong_amount"),
    Outcome.NOT_RETURNABLE: Refusal(
        Refused,
        lazy("Auf diesen Gutschein lässt sich nichts zurückgeben. Bitte rufen Sie uns an."),
        "not_returnable",
    ),
}


def redemption_unknown() -> DomainError:
    """Say that there is no such redemption, or that it is another shop's."""
    return RETURN_REFUSALS[Outcome.UNKNOWN].error({})


def refuse(
    outcome: str,
    answer: dict[str, Any] | None = None,
    refusals: Mapping[str, Refusal] = REFUSALS,
    *,
    decided: bool | None = None,
) -> NoReturn:
    """Raise the refusal of an outcome; what the table does not name is not redeemable, whatever the reason.

    `decided`: whether something stands under the key of the call. Who is no till is not told, and calls without a key
    have nothing to say of it.
    """
    refusal = refusals.get(outcome, NOT_REDEEMABLE)
    if outcome == Outcome.TILL_PAUSED:
        refusal = replace(refusal, sentence=pausing.describe_refusal(answer or {}) or refusal.sentence)
    error = refusal.error(answer or {})
    error.decided = None if outcome == Outcome.TILL_UNKNOWN else decided
    raise error


def public_code(outcome: str) -> str:
    """Give the code that cash systems read for an outcome: unknown and blocked are the same to whoever asks."""
    if outcome in {Outcome.UNKNOWN, Outcome.BLOCKED}:
        return NOT_REDEEMABLE.code
    return REFUSALS[outcome].code if outcome in REFUSALS else outcome
