"""What the bank refuses: each code and its sentence once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from money.amount import euro


def bank_account_unknown() -> NotFound:
    """Say that there is no such account, or that it is another issuer's."""
    return NotFound(_("Dieses Bankkonto gibt es nicht."), "bank_account_unknown")


def statement_account_unknown(last4: str) -> NotFound:
    """Say that nobody has recorded the account of a statement. Names its last digits only."""
    return NotFound(
        _("Das Konto …%(last)s dieses Auszugs ist hier nicht erfasst.", last=last4), "statement_account_unknown"
    )


def not_an_issuer() -> Refused:
    """Say that only issuers have a trust account."""
    return Refused(_("Ein Treuhandkonto hat nur, wer Gutscheine herausgibt."), "not_an_issuer")


def iban_taken() -> Refused:
    """Say that the account is another issuer's."""
    return Refused(_("Dieses Konto gehört schon zu einem anderen Herausgeber."), "iban_taken")


def iban_wrong(field: str) -> Invalid:
    """Say that the check digits of an IBAN are wrong."""
    return Invalid(_("Diese IBAN stimmt nicht. Bitte prüfen Sie die Ziffern."), "iban_wrong", field=field)


def payee_missing() -> Invalid:
    """Say that a transfer needs the name of who gets it."""
    return Invalid(_("Bitte geben Sie den Namen an, auf den das Konto lautet."), "payee_missing", field="name")


def receipt_unknown() -> NotFound:
    """Say that there is no such receipt, or that it is another issuer's."""
    return NotFound(_("Diesen Eingang gibt es nicht."), "receipt_unknown")


def not_in_trust() -> Refused:
    """Say that money on the operating account pays for no voucher."""
    return Refused(_("Dieser Eingang liegt nicht auf dem Treuhandkonto."), "not_in_trust")


def receipt_has_less(free_cents: int) -> Refused:
    """Say how much of a receipt nobody has used."""
    return Refused(_("Von diesem Eingang sind noch %(free)s frei.", free=euro(free_cents)), "receipt_has_less")


def receipt_ambiguous() -> Refused:
    """Say that a reference of the bank names no single receipt with money left."""
    sentence = _("Dazu gibt es nicht genau einen offenen Eingang auf dem Treuhandkonto. Nehmen Sie seine Nummer.")
    return Refused(sentence, "receipt_ambiguous")


def no_trust_account() -> Refused:
    """Say that a settlement goes from one trust account to another, and one of them is not recorded."""
    return Refused(_("Beide Herausgeber brauchen ein erfasstes Treuhandkonto."), "no_trust_account")


def settlement_unknown() -> Invalid:
    """Say that no such settlement is on its way to this issuer."""
    sentence = _("Bitte wählen Sie den Ausgleich, zu dem der Eingang gehört.")
    return Invalid(sentence, "settlement_unknown", field="settlement")


def return_unknown() -> NotFound:
    """Say that there is no such return, or that it is another issuer's."""
    return NotFound(_("Diese Rückgabe gibt es nicht."), "return_unknown")


def other_issuer() -> Refused:
    """Say that a payment belongs to another issuer than the receipt."""
    return Refused(_("Diese Zahlung gehört zu einem anderen Herausgeber."), "other_issuer")


def nothing_missing() -> Refused:
    """Say that a payment waits for no transfer, or not any more."""
    return Refused(_("Diese Zahlung wartet auf keine Überweisung (mehr)."), "nothing_missing")


def payment_not_ended() -> Refused:
    """Say that a payment has not run out, so nothing can be late for it."""
    return Refused(_("Diese Zahlung ist nicht abgelaufen."), "payment_not_ended")


def receipt_too_small(missing_cents: int) -> Refused:
    """Say that a receipt does not hold what an ended payment had cost."""
    return Refused(_("Der Eingang reicht dafür nicht."), "receipt_too_small", missing_cents=missing_cents)


def place_unknown() -> Invalid:
    """Ask what shall become of the money."""
    return Invalid(_("Bitte wählen Sie, was mit dem Geld geschehen soll."), "place_unknown", field="where")


def note_missing() -> Invalid:
    """Ask where money comes from that is no customer's."""
    return Invalid(_("Bitte schreiben Sie dazu, woher das Geld kommt."), "note_missing", field="note")


def note_too_long() -> Invalid:
    """Say how long a note may be."""
    return Invalid(_("Der Vermerk ist zu lang (höchstens 200 Zeichen)."), "note_too_long", field="note")


def nothing_left() -> Refused:
    """Say that all of a receipt is allocated or goes back."""
    return Refused(_("Über diesen Eingang ist schon entschieden."), "nothing_left")


def provider_owes_less() -> Refused:
    """Say that the provider's statement shows no payout of this sum under way (GT)."""
    return Refused(
        _("Laut Auszug des Zahlungsdienstes ist keine Auszahlung in dieser Höhe unterwegs."), "provider_owes_less"
    )


def receipt_confirmed() -> Refused:
    """Say that the bank has stated a receipt: it is not crossed out."""
    return Refused(_("Die Bank hat diesen Eingang bestätigt. Er lässt sich nicht streichen."), "receipt_confirmed")


def same_person() -> Refused:
    """Say that who typed a receipt does not decide about it (decision 0205)."""
    sentence = _("Diesen Eingang haben Sie selbst von Hand erfasst. Darüber entscheidet eine andere Person.")
    return Refused(sentence, "same_person")


def bank_reference_differs() -> Refused:
    """Say that the bank's reference names another credit already."""
    return Refused(_("Unter dieser Bankreferenz ist schon ein anderer Eingang erfasst."), "bank_reference_differs")


def bank_reference_missing() -> Invalid:
    """Ask for the bank's own reference."""
    sentence = _("Bitte geben Sie die Referenz der Bank an, höchstens 140 Zeichen.")
    return Invalid(sentence, "bank_reference_missing", field="bank_reference")


def bank_reference_too_long() -> Invalid:
    """Say how long a bank's reference may be."""
    sentence = _("Die Referenz der Bank ist zu lang (höchstens 140 Zeichen).")
    return Invalid(sentence, "bank_reference_too_long", field="bank_reference")


def receipt_day_wrong() -> Invalid:
    """Say which business days a receipt may have."""
    sentence = _("Der Buchungstag liegt in der Zukunft oder mehr als 400 Tage zurück.")
    return Invalid(sentence, "day_wrong", field="booked_on")


def return_day_wrong() -> Invalid:
    """Say on which days a return can have been sent."""
    sentence = _("Bitte prüfen Sie den Tag: Er liegt vor dem Auftrag oder in der Zukunft.")
    return Invalid(sentence, "return_day_wrong", field="done_on")


def receipt_text_too_long() -> Invalid:
    """Say that the payer's name or words are longer than a bank can state."""
    return Invalid(_("Name oder Verwendungszweck ist zu lang."), "receipt_text_too_long", field="remittance")


def reference_unknown() -> Invalid:
    """Say that a payment reference names no payment, or several."""
    sentence = _("Zu diesem Verwendungszweck gibt es keine Bestellung. Bitte prüfen Sie die Zeichen.")
    return Invalid(sentence, "reference_unknown", field="reference")


def statement_too_large() -> Invalid:
    """Say how large a statement's file may be."""
    return Invalid(_("Die Datei ist größer als 40 MB."), "statement_too_large", field="file")


def file_unreadable() -> Invalid:
    """Say that a file is no statement, cut off, of an unknown encoding, or may do harm."""
    return Invalid(_("Die Datei ist nicht als Kontoauszug lesbar."), "file_unreadable", field="file")


def file_unknown() -> Invalid:
    """Say that a file is no CAMT.052, .053 or .054 and no MT940."""
    return Invalid(
        _("Die Datei ist kein Kontoauszug nach CAMT.052, .053, .054 oder MT940."), "file_unknown", field="file"
    )


def file_too_long() -> Invalid:
    """Say how many entries a statement may have."""
    return Invalid(_("Die Datei hat mehr als 20.000 Umsätze."), "file_too_long", field="file")


def archive_too_large() -> Invalid:
    """Say that an archive holds more than any bank delivers."""
    return Invalid(_("Das Archiv ist ausgepackt zu groß."), "archive_too_large", field="file")


def details_differ(position: int, cents: int) -> Invalid:
    """Say that the details of a collective entry have another sum than the entry; `cents` too much."""
    sentence = _(
        "Der Auszug stimmt nicht: Die Einzelheiten von Umsatz %(n)s weichen um %(amount)s ab.",
        n=position,
        amount=euro(cents),
    )
    return Invalid(sentence, "details_differ", field="file", cents=cents, position=position)


def balances_differ(number: str, cents: int) -> Invalid:
    """Say that opening balance and lines do not make the closing balance; `cents` is what is missing to it."""
    sentence = _(
        "Der Auszug %(number)s stimmt nicht: Anfangssaldo und Umsätze ergeben nicht den Endsaldo, "
        "Unterschied %(amount)s.",
        number=number,
        amount=euro(cents),
    )
    return Invalid(sentence, "balances_differ", field="file", cents=cents)


def balances_missing(number: str) -> Invalid:
    """Say that the statement of a day states no balances, so that nobody can tell whether a line is missing."""
    sentence = _("Dem Auszug %(number)s fehlt der Anfangs- oder Endsaldo.", number=number)
    return Invalid(sentence, "balances_missing", field="file")


def line_unreadable(reference: str) -> Invalid:
    """Say that a booked line has no amount in euro, no day or no side."""
    sentence = _("Der Umsatz %(line)s hat keinen Betrag in Euro oder keinen Buchungstag.", line=reference)
    return Invalid(sentence, "line_unreadable", field="file")


def line_day_wrong(position: int) -> Invalid:
    """Say that a line was booked in the future or more than 400 days ago."""
    sentence = _("Umsatz %(n)s: Der Buchungstag liegt in der Zukunft oder mehr als 400 Tage zurück.", n=position)
    return Invalid(sentence, "line_day_wrong", field="file", position=position)


def statement_differs(number: str) -> Refused:
    """Say that a statement of this number and day was taken over with other lines."""
    sentence = _("Den Auszug %(number)s gibt es schon, mit anderem Inhalt.", number=number)
    return Refused(sentence, "statement_differs")


def statement_repeated(number: str) -> Refused:
    """Say that another statement of this account says exactly the same, balances and all."""
    sentence = _("Der Auszug %(number)s sagt genau dasselbe wie ein früherer unter anderer Nummer.", number=number)
    return Refused(sentence, "statement_repeated")


def statement_not_next(last_cents: int, opening_cents: int) -> Refused:
    """Say that a statement does not begin where the last one ended: one is missing between, or they overlap."""
    sentence = _(
        "Der letzte Auszug endete mit %(last)s, dieser beginnt mit %(opening)s. Dazwischen fehlt einer, oder sie "
        "überschneiden sich.",
        last=euro(last_cents),
        opening=euro(opening_cents),
    )
    return Refused(sentence, "statement_not_next", last_cents=last_cents, opening_cents=opening_cents)


def feed_in_use() -> Refused:
    """Say that an account has taken over statements already, so its kind of file stays."""
    return Refused(_("Für dieses Konto sind schon Auszüge übernommen. Die Art bleibt."), "feed_in_use")


def line_unknown() -> NotFound:
    """Say that there is no such line, or that it is another issuer's."""
    return NotFound(_("Diesen Umsatz gibt es nicht."), "bank_line_unknown")


def proposal_open() -> Refused:
    """Say that somebody has proposed what the debit was already."""
    return Refused(_("Dafür liegt schon ein Vorschlag vor."), "debit_proposal_open")


def proposal_unknown() -> NotFound:
    """Say that there is no such proposal, or that it was decided, or that it is another issuer's."""
    return NotFound(_("Diesen Vorschlag gibt es nicht (mehr)."), "debit_proposal_unknown")


def own_proposal() -> Refused:
    """Say that who proposed does not agree."""
    return Refused(_("Das haben Sie selbst vorgeschlagen. Zustimmen muss jemand anderes."), "own_debit_proposal")


def asked_yourself() -> Refused:
    """Say that who asked for money to go back does not send it as well."""
    return Refused(_("Diese Rückgabe haben Sie selbst veranlasst. Überweisen muss jemand anderes."), "asked_yourself")


def nothing_fits() -> Refused:
    """Say that no return and no credit of this sum fits the debit (any more)."""
    return Refused(_("Dazu passt keine Rückgabe und kein Eingang (mehr)."), "debit_fits_nothing")
