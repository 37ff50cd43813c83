"""What orders refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from marketplace.orders.states import LABELS


def order_state(state: str) -> Refused:
    """Say which state an order is in, so that the step is not possible."""
    return Refused(
        _("Das geht nicht mehr: Die Bestellung ist schon „%(state)s“.", state=LABELS[state]), "order_state", state=state
    )


def order_unknown_here() -> NotFound:
    """Say that this shop or point has no such order: others' orders do not exist for it."""
    return NotFound(_("Diese Bestellung gibt es hier nicht."), "order_unknown_here")


def not_on_its_way() -> Refused:
    """Say that the parcel is not on its way to this point."""
    return Refused(_("Dieses Paket ist hier nicht unterwegs."), "not_on_its_way")


def reason_missing() -> Invalid:
    """Ask for the reason of a rejection, 3 to 300 characters."""
    return Invalid(_("Bitte nennen Sie einen Grund in wenigen Worten."), "rejection_reason_missing", field="reason")


def too_late_to_cancel(shop: str) -> Refused:
    """Say that the shop has begun; the withdrawal by law remains."""
    return Refused(
        _(
            "%(shop)s hat die Bestellung schon angenommen. Bitte rufen Sie dort an oder widerrufen Sie den Vertrag.",
            shop=shop,
        ),
        "too_late",
    )


def handed_over_already() -> Refused:
    """Say that a code does not count a second time."""
    return Refused(_("Diese Bestellung ist schon übergeben. Der Code gilt kein zweites Mal."), "handed_over")


def not_arrived() -> Refused:
    """Say that the parcel has not reached its point yet."""
    return Refused(_("Dieses Paket ist noch nicht angekommen."), "not_arrived")


def not_collected() -> Invalid:
    """Ask for the open amount before the goods are given out."""
    return Invalid(_("Bitte kassieren Sie zuerst den offenen Betrag."), "not_collected", field="collected")


def money_taken_back() -> Refused:
    """Say that the payer's bank took the money back, so that nothing is handed over."""
    sentence = _("Die Bank hat das Geld für diese Bestellung zurückgeholt. Bitte geben Sie nichts heraus.")
    return Refused(sentence, "money_taken_back")


def pickup_code_missing() -> Invalid:
    """Ask for the eight digits of the pick-up code."""
    return Invalid(_("Bitte geben Sie den Abholcode ein: acht Ziffern."), "code_missing", field="code")


def pickup_code_wrong() -> Invalid:
    """Say that the code belongs to another order or to none."""
    return Invalid(_("Dieser Code gehört nicht zu dieser Bestellung."), "code_wrong", field="code")


def handed_over_at_point() -> Refused:
    """Say that not the shop but the pick-up point hands this order over."""
    return Refused(_("Diese Bestellung wird an der Abholstelle übergeben."), "handed_over_at_point")


def withdrawal_name_missing() -> Invalid:
    """Ask who withdraws: a name is missing or too long."""
    return Invalid(_("Bitte nennen Sie Ihren Namen."), "withdrawal_name_missing", field="name")


def withdrawal_contract_missing() -> Invalid:
    """Ask which contract is meant: it is missing or too long."""
    return Invalid(
        _("Bitte nennen Sie die Bestellnummer oder sagen Sie uns, um welche Bestellung es geht."),
        "withdrawal_contract_missing",
        field="contract",
    )


def withdrawal_statement_too_long() -> Invalid:
    """Say how long a statement may be."""
    return Invalid(
        _("Bitte fassen Sie sich kürzer: höchstens 1.000 Zeichen."), "withdrawal_statement_too_long", field="statement"
    )
