"""What is agreed when a voucher is sold, as a text: shown before the order, mailed with the confirmation, kept.

`VERSION` names the wording; who changes a sentence gives it a new one. A sale keeps the hash of its text.
Decision 0310.
"""

import hashlib

from sqlalchemy.dialects.postgresql import insert

from foundation.database import session
from foundation.languages import _, force_locale
from money.amount import euro
from money.law.queries import load_legal_value
from vouchers.network import programmes
from vouchers.purchases.models import VoucherTerms
from vouchers.stored_value.models import Programme

VERSION = "2026-11"


def list_sections(programme: Programme) -> list[tuple[str, str]]:
    """List the conditions of one programme in the reader's language: (heading, text)."""
    sections = [*_describe_contract(programme), *_describe_use(programme), *_describe_withdrawal()]
    return [*sections, (_("Fassung"), VERSION)]


def _describe_contract(programme: Programme) -> list[tuple[str, str]]:
    """With whom the contract is made and what is bought."""
    issuer = programme.issuer
    address = f"{issuer.legal_name}, {issuer.street}, {issuer.postcode} {issuer.town}, {issuer.email}, {issuer.phone}"
    minimum = max(programme.min_cents, load_legal_value("voucher.least_cents"))
    return [
        (_("Vertragspartner"), _("Herausgeber und Vertragspartner ist %(address)s.", address=address)),
        (
            _("Was Sie kaufen"),
            _(
                "Sie kaufen einen Gutschein „%(name)s“. Der Wert ist frei wählbar von %(least)s bis %(most)s. "
                "Sie bezahlen genau diesen Wert, Gebühren kommen keine hinzu. Auch die Zustellung ist kostenlos.",
                name=programme.name,
                least=euro(minimum),
                most=euro(programme.max_cents),
            ),
        ),
    ]


def _describe_use(programme: Programme) -> list[tuple[str, str]]:
    """Where, how and how long the voucher may be used, and how it is taxed."""
    return [
        (
            _("Wo er gilt"),
            programmes.describe_reach(programme)
            + " "
            + _("Welche Geschäfte ihn annehmen, steht auf unserer Seite und kann sich ändern."),
        ),
        (
            _("Einlösen"),
            _(
                "Der Gutschein ist in Teilbeträgen einlösbar, der Rest bleibt stehen. Er wird nicht ausgezahlt. "
                "Wer den Code hat, kann ihn einlösen. Einen verlorenen Gutschein sperren und ersetzen wir."
            ),
        ),
        (
            _("Wie lange er gilt"),
            _("Bezahltes Guthaben gilt bis zum 31. Dezember des dritten Jahres nach dem Kauf (§§ 195, 199 BGB)."),
        ),
        (
            _("Umsatzsteuer"),
            _(
                "Mehrzweck-Gutschein, nicht steuerbar: Umsatzsteuer fällt erst beim Einlösen an, beim Geschäft, "
                "das liefert (§ 3 Abs. 15 UStG)."
            ),
        ),
    ]


def _describe_withdrawal() -> list[tuple[str, str]]:
    """The instruction on withdrawal (§§ 355, 357 BGB) and what follows from one."""
    days = load_legal_value("voucher.withdrawal_days")
    return [
        (
            _("Widerrufsrecht"),
            _(
                "Sie können den Vertrag binnen %(days)s Tagen ohne Angabe von Gründen widerrufen. Die Frist beginnt an "
                "dem Tag, an dem Sie oder die von Ihnen genannte Person den Gutschein erhalten. Es genügt, wenn Sie "
                "den Widerruf vor Ablauf der Frist absenden: am einfachsten mit der Funktion „Vertrag widerrufen“ "
                "unten auf jeder Seite, sonst mit einem Brief oder einer E-Mail an den Herausgeber.",
                days=days,
            ),
        ),
        (
            _("Folgen des Widerrufs"),
            _(
                "Der Gutschein wird sofort gesperrt. Wir zahlen unverzüglich und spätestens binnen 14 Tagen zurück, "
                "was Sie bezahlt haben, auf demselben Weg und ohne Kosten für Sie. Ist ein Teil schon eingelöst, "
                "zahlen wir den Rest zurück. Ein Bonus, den jemand anderes dazugegeben hat, geht an diesen zurück."
            ),
        ),
    ]


def build_text(programme: Programme) -> str:
    """Build the conditions as one plain text."""
    return "\n\n".join(f"{heading}\n{body}" for heading, body in list_sections(programme))


def store_text(programme: Programme, language: str) -> bytes:
    """Store the conditions that hold now and give the hash under which they are found (§ 312i BGB)."""
    with force_locale(language):
        agreed = build_text(programme)
    digest = hashlib.sha256(agreed.encode()).digest()
    values = {"hash": digest, "language": language, "text": agreed}
    session.execute(insert(VoucherTerms).values(values).on_conflict_do_nothing())
    return digest


def load_agreed_text(digest: bytes | None) -> str:
    """Load the text that was agreed, by its hash: every sale that was ordered has one."""
    return session.get_one(VoucherTerms, digest).text
