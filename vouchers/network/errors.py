"""What the network refuses: each code with its sentence, once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from money.amount import euro
from vouchers.network.states import SinglePurpose


def issuer_unknown() -> NotFound:
    """Say that there is no such issuer, or the person does not work for it."""
    return NotFound(_("Diesen Herausgeber gibt es hier nicht."), "issuer_unknown")


def programme_needs_issuer() -> Refused:
    """Say that only an organisation that is an issuer has programmes."""
    return Refused(_("Nur ein Herausgeber kann Gutscheine herausgeben."), "programme_needs_issuer")


def slug_taken() -> Invalid:
    """Say that the short name is another programme's, or no part of an address."""
    return Invalid(_("Diese Kurzbezeichnung ist vergeben oder nicht möglich."), "slug_taken", field="slug")


def outlet_suspended() -> Refused:
    """Say that a suspended shop begins no agreement."""
    return Refused(_("Dieses Geschäft ist gesperrt."), "outlet_suspended")


def outside_area() -> Refused:
    """Say that the shop does not lie in the programme's area."""
    return Refused(_("Dieses Geschäft liegt außerhalb des Gebiets dieses Gutscheins."), "outside_area")


def charter_full() -> Refused:
    """Say that the charter allows no further shop."""
    return Refused(_("Mehr Geschäfte lässt die Netzvereinbarung nicht zu."), "charter_full")


def no_agreement() -> Refused:
    """Say that no agreement with the shop is in force."""
    return Refused(_("Mit diesem Geschäft gibt es keine Vereinbarung (mehr)."), "no_agreement")


def ender_unknown() -> Invalid:
    """Say that an agreement is ended by the issuer, the shop, a suspension or a smaller area."""
    return Invalid(_("So endet keine Vereinbarung."), "ender_unknown")


def end_out_of_range() -> Invalid:
    """Say that the end lies in the past or more than a year ahead."""
    return Invalid(_("Das Ende liegt ab heute und höchstens ein Jahr voraus."), "end_out_of_range", field="at")


def vat_rate_unknown() -> Invalid:
    """Say that there is no such rate of VAT (§ 12 UStG)."""
    return Invalid(_("Steuersätze sind 0, 7 und 19 Prozent."), "vat_rate_unknown", field="vat_rates")


def commission_out_of_range() -> Invalid:
    """Say that the commission is negative or more than everything."""
    sentence = _("Die Provision liegt zwischen 0 und 100 Prozent.")
    return Invalid(sentence, "commission_out_of_range", field="commission")


def agreement_reason_missing() -> Invalid:
    """Say that the reason of a change or an end is too short or too long."""
    sentence = _("Bitte nennen Sie einen Grund, 3 bis 300 Zeichen.")
    return Invalid(sentence, "agreement_reason_missing", field="reason")


def charter_unchanged() -> Refused:
    """Say that the proposed charter is the one in force."""
    return Refused(_("Diese Netzvereinbarung gilt schon so."), "charter_unchanged")


def charter_waiting() -> Refused:
    """Say that another version waits for a second person."""
    return Refused(_("Eine Änderung wartet schon auf Freigabe."), "charter_waiting")


def town_unknown() -> Invalid:
    """Say that the official key is no town's of the region."""
    return Invalid(_("Diesen Ort gibt es hier nicht."), "town_unknown", field="towns")


def charter_below_present() -> Refused:
    """Say that more shops accept the programme than the charter would allow."""
    return Refused(_("So viele Geschäfte nehmen den Gutschein heute schon an."), "charter_below_present")


def guest_outside() -> Refused:
    """Say that the new area is larger than that of a guest, whose vouchers are taken in the same shops."""
    return Refused(_("Ein anderes Programm gilt auch hier und reicht nicht so weit."), "guest_outside")


def host_outside() -> Refused:
    """Say that the new area is smaller than that of a host, in whose shops the vouchers are taken."""
    return Refused(_("Der Gutschein gilt auch in einem Programm, das weiter reicht."), "host_outside")


def outlets_out_of_range() -> Invalid:
    """Say that one shop would make a single-purpose voucher (§ 3 (14) UStG); more than 10,000 is no limited network."""
    sentence = _("Bitte geben Sie 2 bis 10.000 Geschäfte an. Mit einem einzigen wäre es ein Einzweck-Gutschein.")
    return Invalid(sentence, "outlets_out_of_range", field="max_outlets")


def charter_above_law(maximum_cents: int) -> Invalid:
    """Say that the law bounds what one voucher carries."""
    sentence = _("Höchstens %(most)s je Gutschein.", most=euro(maximum_cents))
    return Invalid(sentence, "charter_above_law", field="max_cents")


def month_out_of_range() -> Invalid:
    """Say that a month must have room for one voucher."""
    return Invalid(_("Der Betrag je Monat ist nicht möglich."), "month_out_of_range", field="month_cents")


def payer_out_of_range(maximum_cents: int) -> Invalid:
    """Say that a payer must be able to buy one voucher, and no more than the law allows without a check of identity."""
    sentence = _(
        "Mindestens der Betrag eines Gutscheins und höchstens %(most)s je Käufer in 30 Tagen.",
        most=euro(maximum_cents),
    )
    return Invalid(sentence, "payer_out_of_range", field="payer_cents")


def month_limit(maximum_cents: int) -> Refused:
    """Say that the charter's value of the month is sold."""
    sentence = _(
        "Von diesem Gutschein verkaufen wir in einem Monat höchstens %(most)s. Das ist erreicht.",
        most=euro(maximum_cents),
    )
    return Refused(sentence, "month_limit")


def payer_limit(maximum_cents: int) -> Refused:
    """Say that one payer has bought what may be sold in 30 days without a check of identity."""
    sentence = _("Ohne Prüfung verkaufen wir in 30 Tagen höchstens %(most)s an eine Person.", most=euro(maximum_cents))
    return Refused(sentence, "payer_limit")


def terms_kind_unknown() -> Invalid:
    """Say that terms are the buyers' or the shops'."""
    return Invalid(_("Diese Art von Bedingungen gibt es nicht."), "terms_kind_unknown", field="kind")


def terms_version_missing() -> Invalid:
    """Say that the name of the version is missing or too long."""
    sentence = _("Bitte nennen Sie die Fassung, höchstens 40 Zeichen.")
    return Invalid(sentence, "terms_version_missing", field="version")


def terms_text_missing() -> Invalid:
    """Say that the text is too short to be terms, or too long."""
    sentence = _("Bitte geben Sie den ganzen Text an, 40 bis 60.000 Zeichen.")
    return Invalid(sentence, "terms_text_missing", field="text")


def terms_version_used() -> Invalid:
    """Say that the version exists, perhaps with another text."""
    return Invalid(_("Diese Fassung gibt es schon."), "terms_version_used", field="version")


def position_unknown() -> Invalid:
    """Say that the supervisory authority has no such position."""
    return Invalid(_("Diese Position gibt es nicht."), "position_unknown", field="position")


def gate_reference_missing() -> Invalid:
    """Say that each record of the gate names a letter, a date or a reason."""
    sentence = _("Bitte nennen Sie Schreiben, Datum oder Grund, 3 bis 500 Zeichen.")
    return Invalid(sentence, "gate_reference_missing", field="reference")


def gate_closed() -> Refused:
    """Say that a step of the launch gate is missing."""
    return Refused(_("Es fehlt noch etwas, bevor dieser Gutschein verkauft werden darf."), "gate_closed")


def single_purpose(reason: SinglePurpose) -> Refused:
    """Say that the vouchers would have a single purpose for VAT (§ 3 (14) UStG): for the people of the issuer."""
    return Refused(explain_single_purpose(reason), f"single_purpose_{reason}")


def explain_single_purpose(reason: SinglePurpose) -> str:
    """Say why vouchers have a single purpose for VAT, in the reader's language."""
    return {
        SinglePurpose.ONE_SHOP: _(
            "Weniger als zwei Geschäfte nehmen diesen Gutschein. Er wäre ein Einzweck-Gutschein (§ 3 Abs. 14 UStG)."
        ),
        SinglePurpose.ONE_RATE: _(
            "Alle Geschäfte liefern zu einem einzigen Steuersatz. Er wäre ein Einzweck-Gutschein (§ 3 Abs. 14 UStG)."
        ),
        SinglePurpose.RATES_UNKNOWN: _(
            "Zu welchen Steuersätzen die Geschäfte liefern, ist nicht erfasst. "
            "Ob der Gutschein ein Mehrzweck-Gutschein ist (§ 3 Abs. 15 UStG), lässt sich so nicht sagen."
        ),
    }[reason]


def not_on_sale(reason: SinglePurpose | None = None) -> Refused:
    """Say that the programme cannot be bought now: for buyers, who need not know why. Machines read `reason`."""
    more = {"reason": str(reason)} if reason else {}
    return Refused(_("Diesen Gutschein gibt es gerade nicht zu kaufen."), "not_on_sale", **more)


def no_reciprocity() -> Refused:
    """Say that the two programmes have no agreement that could end."""
    return Refused(_("Diese Vereinbarung gibt es nicht (mehr)."), "no_reciprocity")


def reciprocity_waiting() -> Refused:
    """Say that the same was proposed for this side before."""
    return Refused(_("Das wartet schon auf Freigabe."), "reciprocity_waiting")


def same_programme() -> Refused:
    """Say that a programme makes no agreement with itself."""
    return Refused(_("Das sind keine zwei Programme."), "same_programme")


def host_beyond_charter() -> Refused:
    """Say that the guest's charter does not reach as far as the host's area."""
    sentence = _("Die Netzvereinbarung des Gutscheins reicht nicht bis dorthin. Erweitern Sie zuerst das Gebiet.")
    return Refused(sentence, "host_beyond_charter")


def transfer_reference_missing() -> Invalid:
    """Say that the reference of the bank transfer is too short or too long."""
    sentence = _("Bitte geben Sie den Verwendungszweck der Überweisung an.")
    return Invalid(sentence, "transfer_reference_missing", field="reference")


def more_than_owed(owed_cents: int) -> Refused:
    """Say that the settlement is larger than the debt."""
    return Refused(_("Geschuldet sind höchstens %(due)s.", due=euro(max(owed_cents, 0))), "more_than_owed")


def transfer_booked() -> Refused:
    """Say that a settlement with this reference was decided before."""
    sentence = _("Diesen Verwendungszweck gab es schon. Jeder Ausgleich braucht seinen eigenen.")
    return Refused(sentence, "transfer_booked")


def account_abroad() -> Invalid:
    """Say that voucher money lies in Germany."""
    sentence = _("Das Treuhandkonto wird bei einer Bank in Deutschland geführt.")
    return Invalid(sentence, "account_abroad", field="iban")
