"""Every posting of a voucher in one sentence, for auditors and for who looks things up."""

from uuid import UUID

from foundation.database import session
from foundation.languages import lazy
from money.ledger import explaining
from people.models import Organisation, Outlet


def _outlet(outlet_id: UUID) -> str | None:
    found = session.get(Outlet, outlet_id)
    return found.name if found else None


def _organisation(organisation_id: UUID) -> str | None:
    found = session.get(Organisation, organisation_id)
    return found.name if found else None


def plug() -> None:
    """Register the sentences and the names. Vouchers are called by the end of their number only."""
    explaining.name_parties("outlet", _outlet)
    explaining.name_parties("organisation", _organisation)
    explaining.add("voucher.issue", lazy("Gutschein {credit_party} über {amount} ausgegeben"))
    explaining.add("voucher.load", lazy("Gutschein {credit_party} mit {amount} aufgeladen"))
    explaining.add("voucher.redeem", lazy("{amount} von Gutschein {debit_party} eingelöst bei {credit_party}"))
    explaining.add("voucher.hold", lazy("{amount} auf Gutschein {debit_party} für eine Bestellung reserviert"))
    explaining.add(
        "voucher.capture", lazy("{amount} von Gutschein {debit_party} für eine Bestellung bei {credit_party}")
    )
    explaining.add("voucher.release", lazy("Reservierung über {amount} auf Gutschein {debit_party} aufgehoben"))
    explaining.add("voucher.void", lazy("Einlösung über {amount} bei {debit_party} storniert"))
    explaining.add("voucher.refund", lazy("{amount} von {debit_party} auf Gutschein {credit_party} zurückgegeben"))
    explaining.add("voucher.withdraw", lazy("Kauf von Gutschein {debit_party} widerrufen, {amount} zurück"))
    explaining.add("voucher.lapse", lazy("{amount} auf Gutschein {debit_party} verfallen"))
    explaining.add("voucher.adjust", lazy("{amount} von Gutschein {debit_party} berichtigt"))
    explaining.add("voucher.charge_back", lazy("{amount} von Gutschein {debit_party}: die Zahlung wurde zurückgeholt"))
    explaining.add("voucher.reinstate", lazy("{amount} wieder auf Gutschein {credit_party}: die Zahlung ist wieder da"))
    explaining.add(
        "voucher.merge_out", lazy("{amount} von Gutschein {debit_party} auf Gutschein {credit_party} gelegt")
    )
    explaining.add("moved_in", lazy("{amount} mit dem Herausgeber übernommen: {debit} an {credit}"))
