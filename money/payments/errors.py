"""What payments refuse: each code and its sentence once."""

from uuid import UUID

from foundation.errors import Busy, Invalid, NotEnough, NotFound, Refused
from foundation.languages import _


def payment_unknown() -> NotFound:
    """Say that there is no such payment."""
    return NotFound(_("Diese Zahlung gibt es nicht."), "payment_unknown")


def payment_share_unknown() -> NotFound:
    """Say that a payment has no such share."""
    return NotFound(_("Diesen Teil der Zahlung gibt es nicht."), "payment_share_unknown")


def method_unknown() -> Refused:
    """Say that no method has this key."""
    return Refused(_("Diese Zahlungsart gibt es hier nicht."), "method_unknown", field="method")


def method_not_offered() -> Refused:
    """Say that the method exists and is not allowed, or not on offer, for what is due."""
    return Refused(_("Diese Zahlungsart ist hier nicht möglich."), "method_not_offered", field="method")


def refund_note_missing() -> Invalid:
    """Say that what the payer wants must be written down."""
    sentence = _("Bitte schreiben Sie auf, was mit dem Zahler besprochen ist (3 bis 500 Zeichen).")
    return Invalid(sentence, "refund_note_missing", field="note")


def refund_means_missing() -> Invalid:
    """Say that a way for the refund must be chosen."""
    return Invalid(_("Bitte wählen Sie, wie es weitergeht."), "refund_means_missing", field="means")


def refund_not_open() -> Refused:
    """Say that a refund is not one that failed and waits for a decision."""
    return Refused(_("Diese Erstattung wartet nicht (mehr) auf eine Entscheidung."), "refund_not_open")


def claim_reason_missing() -> Invalid:
    """Say that giving up a claim needs a reason."""
    sentence = _("Bitte schreiben Sie auf, warum auf das Geld verzichtet wird (3 bis 500 Zeichen).")
    return Invalid(sentence, "claim_reason_missing", field="reason")


def claim_not_open() -> Refused:
    """Say that nothing is claimed any more, or that its proposal was decided, or made before."""
    return Refused(_("Über diese Forderung ist nichts (mehr) zu entscheiden."), "claim_not_open")


def proposer_alone() -> Refused:
    """Say that who proposed to give up a claim, or what a line was, cannot agree to it."""
    return Refused(_("Das hat dieselbe Person vorgeschlagen. Eine andere muss zustimmen."), "proposer_alone")


def case_note_missing() -> Invalid:
    """Say that closing a case needs a note."""
    return Invalid(
        _("Bitte schreiben Sie auf, was geklärt ist (3 bis 500 Zeichen)."), "case_note_missing", field="note"
    )


def case_unknown() -> NotFound:
    """Say that no case waits under this address."""
    return NotFound(_("Dieser Fall wartet nicht (mehr) auf eine Entscheidung."), "case_unknown")


def case_needs_booking() -> Refused:
    """Say that a note does not end a case about the provider's statement: it ends when books and statement agree."""
    return Refused(
        _("Das erledigt sich, sobald Auszug und Bücher übereinstimmen. Eine Notiz genügt hier nicht."),
        "case_needs_booking",
    )


def line_reason_missing() -> Invalid:
    """Say that a proposal about a line needs a reason."""
    return Invalid(
        _("Bitte schreiben Sie auf, woher Sie das wissen (3 bis 500 Zeichen)."), "line_reason_missing", field="reason"
    )


def line_kind_missing() -> Invalid:
    """Say that nobody chose what a line of the provider's statement was."""
    return Invalid(_("Bitte wählen Sie, was diese Bewegung war."), "line_kind_missing", field="kind")


def line_ledger_missing() -> Invalid:
    """Say that nobody chose in whose books a line belongs."""
    return Invalid(_("Bitte wählen Sie, wessen Bücher das betrifft."), "line_ledger_missing", field="ledger")


def line_decided() -> Refused:
    """Say that a line is booked, or that something is proposed about it already."""
    return Refused(_("Über diese Bewegung ist schon entschieden, oder ein Vorschlag wartet."), "line_decided")


def amount_too_small() -> Refused:
    """Say that a method takes no amount as small as this."""
    return Refused(_("Dieser Betrag ist für diese Zahlungsart zu klein."), "amount_too_small")


def one_external_only() -> Refused:
    """Say that a payment has at most one external tender (decision 0201)."""
    return Refused(_("Bitte wählen Sie nur eine Zahlungsart neben dem Gutschein."), "one_external_only")


def too_many_tenders() -> Refused:
    """Say that a payment has at most `tendering.MAX_TENDERS` tenders."""
    return Refused(_("So viele Gutscheine auf einmal gehen nicht. Bitte nehmen Sie weniger."), "too_many_tenders")


def rest_without_method(rest_cents: int) -> NotEnough:
    """Say that vouchers leave a rest and no method was chosen for it."""
    sentence = _("Das Guthaben reicht nicht für alles. Bitte wählen Sie für den Rest eine Zahlungsart.")
    return NotEnough(sentence, "rest_without_method", rest_cents=rest_cents)


def sum_differs(due_cents: int) -> Refused:
    """Say that the tenders do not add up to what is due now."""
    sentence = _("Der Betrag hat sich geändert. Bitte prüfen Sie die Summe und senden Sie noch einmal ab.")
    return Refused(sentence, "sum_differs", owed_cents=due_cents)


def share_exceeded() -> Refused:
    """Say that vouchers were to pay more than the share they are for."""
    return Refused(_("Ein Gutschein ist höher als der Betrag, für den er gilt."), "share_exceeded")


def order_key_reused() -> Refused:
    """Say that another body was sent under a key that opened a payment before."""
    return Refused(_("Diese Bestellung wurde schon mit anderen Angaben abgeschickt."), "order_key_reused")


def already_being_paid(payment_id: UUID | None) -> Refused:
    """Say that the thing has a payment that has not failed."""
    sentence = _("Dafür läuft schon eine Zahlung. Bitte bringen Sie diese erst zu Ende oder brechen Sie sie ab.")
    return Refused(sentence, "payment_under_way", payment_id=str(payment_id))


def payment_over() -> Refused:
    """Say that the provider's page of this payment has closed for good."""
    return Refused(_("Diese Zahlung ist beendet. Bitte wählen Sie noch einmal."), "payment_over")


def span_wrong() -> Invalid:
    """Say that a span of time to compare is empty or longer than a year."""
    return Invalid(_("Bitte wählen Sie einen Zeitraum von höchstens einem Jahr, der nicht leer ist."), "span_wrong")


def provider_silent() -> Busy:
    """Say that the provider does not answer now."""
    return Busy(_("Der Zahlungsdienst antwortet gerade nicht. Bitte versuchen Sie es in einer Minute noch einmal."))


def promise_waived() -> Refused:
    """Say that nothing is to be collected for a cancelled order."""
    return Refused(_("Diese Bestellung wurde storniert."), "promise_waived")


def payment_not_secured() -> Refused:
    """Say that nothing is to be collected before the payment is decided."""
    return Refused(_("Diese Bestellung ist noch nicht bestätigt."), "payment_not_secured")


def refund_key_reused() -> Refused:
    """Say that another amount was asked for under the key of a refund."""
    return Refused(_("Diese Erstattung wurde schon mit anderen Angaben verlangt."), "refund_key_reused")


def nothing_to_refund() -> Refused:
    """Say that this part of a payment was never taken by us."""
    return Refused(_("Dieser Teil wurde nicht über uns bezahlt."), "nothing_to_refund")


def not_our_money() -> Refused:
    """Say that the shop took the money at hand-over and gives it back itself."""
    return Refused(_("Das Geld hat der Laden bekommen und gibt es auch zurück."), "not_our_money")


def payment_undecided() -> Refused:
    """Say that a payment must be decided before its shares can be given back."""
    return Refused(_("Die Zahlung läuft noch. Bitte versuchen Sie es danach noch einmal."), "payment_undecided")


def refund_not_positive() -> Invalid:
    """Say that a refund needs an amount."""
    return Invalid(_("Bitte geben Sie einen Betrag über 0 Euro an."), "refund_not_positive", field="amount")


def more_than_left(left_cents: int) -> Refused:
    """Say that more was asked for than is left of a tender."""
    return Refused(_("So viel ist nicht mehr zu erstatten."), "more_than_left", left_cents=left_cents)


def payment_key_not_valid() -> Invalid:
    """Say how long the key that opens a payment is: for developers, as all below."""
    return Invalid("a key of 8 to 200 characters is needed", "payment_key_not_valid")


def payable_unknown(kind: str) -> Invalid:
    """Say that nothing is registered to be paid as this kind."""
    return Invalid(f"nothing registered to be paid as {kind!r}", "payable_unknown")


def due_not_valid() -> Invalid:
    """Say that what is due is not the sum of its shares, or nothing."""
    return Invalid("what is due and its shares differ", "due_not_valid")


def due_ledger_not_valid() -> Invalid:
    """Say that money for an issuer goes into the ledger of one that has a share."""
    return Invalid("the ledger is none of the issuers' of the shares", "due_ledger_not_valid")


def share_unknown() -> Invalid:
    """Say that an internal tender names no share of what is due."""
    return Invalid("a request names no share of what is due", "share_unknown")


def message_not_readable_now(event_id: str, code: str) -> Busy:
    """Say that the provider cannot be asked now about what its message is about; the job tries again."""
    return Busy(f"message {event_id} cannot be read now: {code}", "message_not_readable_now")
