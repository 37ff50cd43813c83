"""What approvals refuse: each code with its sentence, once."""

from foundation.errors import Invalid, NotAllowed, NotFound, Refused
from foundation.languages import _
from money.amount import euro


def already_decided() -> Refused:
    """Say that somebody approved or declined it before."""
    return Refused(_("Darüber ist schon entschieden."), "already_decided")


def amount_out_of_range() -> Invalid:
    """Say that the amount is negative or beyond every reason."""
    return Invalid(_("Dieser Betrag ist nicht möglich."), "proposal_amount_out_of_range", field="cents")


def key_reused() -> Refused:
    """Say that the idempotency key came before, with another proposal."""
    return Refused(_("Dieser Vorschlag liegt schon vor, mit anderem Inhalt."), "proposal_key_reused")


def kind_unknown() -> NotFound:
    """Say that no room has registered such a kind of proposal."""
    return NotFound(_("Diese Art von Freigabe gibt es nicht."), "proposal_kind_unknown")


def not_covered(free_cents: int) -> Refused:
    """Say that the issuer's own money in the pool does not reach."""
    sentence = _(
        "Im Topf sind nur %(free)s eigenes Geld frei. Legen Sie zuerst Geld vom Betriebskonto dazu.",
        free=euro(max(free_cents, 0)),
    )
    return Refused(sentence, "not_covered")


def not_decided() -> Refused:
    """Say that a proposal that nobody has approved cannot be finished."""
    return Refused(_("Darüber ist noch nicht entschieden."), "not_decided")


def not_this_issuer() -> NotAllowed:
    """Say that the person does not hold the permission in the issuer's organisation."""
    return NotAllowed(_("Sie arbeiten nicht für diesen Herausgeber."), "not_this_issuer")


def own_proposal() -> NotAllowed:
    """Say that who proposed does not decide."""
    return NotAllowed(_("Sie haben das selbst vorgeschlagen. Entscheiden muss jemand anderes."), "own_proposal")


def proposal_unknown() -> NotFound:
    """Say that there is no such proposal, or it is another issuer's."""
    return NotFound(_("Diesen Vorschlag gibt es nicht."))


def reason_missing() -> Invalid:
    """Say that the reason is too short or too long."""
    return Invalid(_("Bitte nennen Sie einen Grund, 3 bis 500 Zeichen."), "reason_missing", field="reason")
