"""What may come in about programmes and their network."""

import re
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from foundation.errors import Invalid
from foundation.languages import _, lazy
from money import amount
from vouchers.network.charter import MAX_MONTH_CENTS, CharterLimits
from vouchers.network.gate import MAX_TERMS_LENGTH
from vouchers.network.notice import calculate_notice_end
from vouchers.stored_value.states import Supervision
from vouchers.web.fields import Amount, choice, money, text

PERCENT = re.compile(r"(?P<whole>\d{1,3})(?:[.,](?P<part>\d{1,2}))?\s*%?")


class NetworkForm(Schema):
    """Fields that nobody asked for are left out."""

    class Meta:
        unknown = EXCLUDE


class LargeAmount(Amount):
    """An amount of a whole programme; gives cents."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return amount.parse(str(value), maximum=MAX_MONTH_CENTS)
        except Invalid as error:
            raise ValidationError(str(error.sentence)) from error


class Percent(fields.String):
    """A share such as `2,5`; gives hundredths of a per cent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = PERCENT.fullmatch(str(value).strip()[:10])
        if found is None:
            raise ValidationError(_("Bitte schreiben Sie den Anteil so: 2,5"))
        return int(found["whole"]) * 100 + int((found["part"] or "0").ljust(2, "0"))


def _count() -> fields.Integer:
    sentence = lazy("Bitte geben Sie eine ganze Zahl an.")
    words = {"required": sentence, "invalid": sentence, "too_large": sentence}
    return fields.Integer(required=True, error_messages=words)


class NewForm(NetworkForm):
    """What describes a new programme of an issuer."""

    slug = text(60)
    name = fields.String(
        required=True,
        validate=validate.Length(3, 80, error=lazy("Bitte geben Sie einen Namen an, 3 bis 80 Zeichen.")),
        error_messages={"required": lazy("Bitte geben Sie einen Namen an, 3 bis 80 Zeichen.")},
    )
    wording = text(300)


class CharterForm(NetworkForm):
    """Another version of a charter. Gives `limits` and `reason`."""

    area = fields.String(load_default="region")
    towns = text(2000)
    max_outlets = _count()
    max_cents = money()
    month_cents = LargeAmount(required=True, error_messages={"required": lazy("Bitte geben Sie einen Betrag ein.")})
    payer_cents = money()
    reason = text(500)

    @post_load
    def finish(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Towns count only where the area is made of towns."""
        reason, area = data.pop("reason"), data.pop("area")
        towns = tuple(sorted({ags for ags in data.pop("towns").split(",") if ags}))
        if area == "towns" and not towns:
            raise ValidationError(_("Bitte wählen Sie mindestens einen Ort."), "towns")
        return {"limits": CharterLimits(towns=towns if area == "towns" else (), **data), "reason": reason}


class TermsForm(NetworkForm):
    """A text that buyers or shops agree to."""

    kind = text(10)
    version = text(40)
    text = text(MAX_TERMS_LENGTH)


class NoteForm(NetworkForm):
    """A letter, a date, a reason."""

    reference = text(500)


class PositionForm(NoteForm):
    """The position of the supervisory authority."""

    position = fields.String(
        required=True, validate=validate.OneOf(list(Supervision), error=lazy("Bitte wählen Sie die Position."))
    )


class StopForm(NetworkForm):
    """Why it is not sold any more."""

    reason = text(500)


class AgreementForm(NetworkForm):
    """The terms of an agreement with a shop."""

    commission = Percent(load_default=0)
    vat_rates = fields.String(
        required=True, validate=validate.Length(1, 20, error=lazy("Bitte wählen Sie mindestens einen Steuersatz."))
    )


class BeginForm(AgreementForm):
    """The shop and the terms of a new agreement."""

    outlet_id = choice(lazy("Bitte wählen Sie ein Geschäft."))


class ChangeForm(AgreementForm):
    """Other terms for a shop that is in the network."""

    reason = text(300)


class EndForm(NetworkForm):
    """The end, at once or with notice of four weeks. Gives `by`, `reason` and `at`."""

    when = fields.String(load_default="now")
    by = fields.String(load_default="issuer")
    reason = text(300)

    @post_load
    def finish(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """With notice it ends at the end of that day."""
        notice = data.pop("when") == "notice"
        return data | {"at": calculate_notice_end() if notice else None}


class PartnerForm(NetworkForm):
    """Another programme in whose shops a programme shall be taken."""

    partner = choice(lazy("Bitte wählen Sie ein Programm."))
    direction = fields.String(load_default="guest", validate=validate.OneOf(["guest", "host"]))
    reason = text(500)


class PairForm(NetworkForm):
    """An agreement with another programme that is known."""

    guest_id = choice(lazy("Bitte wählen Sie ein Programm."))
    host_id = choice(lazy("Bitte wählen Sie ein Programm."))
    reason = text(500)


class AccountForm(NetworkForm):
    """The IBAN and holder of a trust account."""

    iban = text(60)
    holder = text(70)
    reason = text(500)


class SettleForm(NetworkForm):
    """Creditor and amount of a settlement between issuers."""

    creditor_id = choice(lazy("Bitte wählen Sie einen Herausgeber."))
    cents = LargeAmount(required=True, error_messages={"required": lazy("Bitte geben Sie einen Betrag ein.")})
    reference = text(140)
    reason = text(500)


class MonthEndForm(NetworkForm):
    """The last day of the month to close, and why."""

    last_day = fields.Date(
        required=True,
        error_messages={name: lazy("Bitte wählen Sie einen Monat.") for name in ("required", "invalid")},
    )
    reason = text(500)
