"""The plan of accounts: what each key means, as `docs/accounts.md` explains it. The table `account` holds the same.

Numbers of SKR03 and SKR04 are proposals that the tax adviser confirms. Memo accounts have none: they are not our money.
"""

from dataclasses import dataclass

from foundation.languages import lazy


@dataclass(frozen=True)
class Account:
    """`party` says whose sub-ledger it is; such an account is never posted without one."""

    key: str
    name: object
    skr03: str | None
    skr04: str | None
    kind: str
    party: str | None = None
    clears_days: int | None = None

    @property
    def clears(self) -> bool:
        """Whether each party's balance returns to zero, in `clears_days` days at the latest."""
        return self.clears_days is not None

    @property
    def sign(self) -> int:
        """1 where a debit makes the balance larger, -1 where a credit does."""
        return 1 if self.kind in {"asset", "expense"} or self.key == "MP" else -1


PLAN = (
    Account("TB", lazy("Bank, Treuhandkonto"), "1210", "1810", "asset"),
    Account("OB", lazy("Bank, Betriebskonto"), "1200", "1800", "asset"),
    Account("PSP", lazy("Geldtransit Zahlungsdienst"), "1361", "1461", "asset"),
    Account("KZ", lazy("Kundenzahlungen in Klärung"), "1610", "3310", "liability", "payment", 14),
    Account("VL", lazy("Gutscheine, bezahlt"), "1604", "3304", "liability", "voucher"),
    Account("VB", lazy("Gutscheine, Bonus"), "1605", "3305", "liability", "voucher"),
    Account("VE", lazy("Gutscheine, Arbeitgeberguthaben"), "1606", "3306", "liability", "voucher"),
    Account("VH", lazy("Gutscheine, reserviert"), "1607", "3307", "liability", "voucher"),
    Account(
        "EP",
        lazy("Arbeitgeber-Vorauszahlung, noch nicht aufgeladen"),
        "1608",
        "3308",
        "liability",
        "organisation",
    ),
    Account("CB", lazy("Kampagnenbudget"), "1609", "3309", "liability", "campaign"),
    Account("KR", lazy("Verbindlichkeiten gegenüber Läden"), "1600", "3300", "liability", "outlet"),
    Account("DB", lazy("Forderungen gegenüber Kunden"), "1400", "1200", "asset", "organisation"),
    Account("SF", lazy("Sonstige Forderungen an Läden und Käufer"), "1500", "1300", "asset", "claim"),
    Account("CL", lazy("Verrechnung zwischen Gutscheinprogrammen"), "1723", "3320", "liability", "organisation"),
    Account("RS", lazy("Rücklage für Offline- und Ausfallrisiken"), "0970", "3070", "liability"),
    Account("PR", lazy("Provisionsumsätze 19 %"), "8519", "4569", "revenue"),
    Account("SE", lazy("Erlöse 19 %, Servicegebühr"), "8400", "4400", "revenue"),
    Account("UST", lazy("Umsatzsteuer 19 %"), "1776", "3806", "liability"),
    Account("VST", lazy("Abziehbare Vorsteuer 19 %"), "1576", "1406", "asset"),
    Account("GK", lazy("Nebenkosten des Geldverkehrs"), "4970", "6855", "expense"),
    Account("WK", lazy("Werbekosten, eigene Kampagnen"), "4600", "6600", "expense"),
    Account("FV", lazy("Forderungsverluste"), "2400", "6930", "expense"),
    Account("BE", lazy("Sonstige betriebliche Erträge, verfallene Gutscheine"), "2700", "4830", "revenue"),
    Account("MP", lazy("Merkposten: Kartengeld der Läden beim Zahlungsdienst"), None, None, "memo"),
    Account(
        "MV",
        lazy("Merkposten: vom Zahlungsdienst an Läden zu zahlen"),
        None,
        None,
        "memo",
        "organisation",
    ),
)
ACCOUNTS = {account.key: account for account in PLAN}
