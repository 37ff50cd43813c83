"""The plan of accounts: what each key means, as `docs/accounts.md` explains it. The table `account` holds the same.

Numbers of SKR03 and SKR04 are proposals that the tax adviser confirms. Memo accounts have none: they are not our money.
"""

from dataclasses import dataclass

from foundation.languages import lazy


@dataclass(frozen=True)
class LedgerAccount:
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
    LedgerAccount("TB", lazy("Bank, Treuhandkonto"), "1210", "1810", "asset"),
    LedgerAccount("OB", lazy("Bank, Betriebskonto"), "1200", "1800", "asset"),
    LedgerAccount("PSP", lazy("Geldtransit Zahlungsdienst"), "1361", "1461", "asset"),
    LedgerAccount("KZ", lazy("Kundenzahlungen in Klärung"), "1610", "3310", "liability", "payment", 14),
    LedgerAccount("VL", lazy("Gutscheine, bezahlt"), "1604", "3304", "liability", "voucher"),
    LedgerAccount("VB", lazy("Gutscheine, Bonus"), "1605", "3305", "liability", "voucher"),
    LedgerAccount("VE", lazy("Gutscheine, Arbeitgeberguthaben"), "1606", "3306", "liability", "voucher"),
    LedgerAccount("VH", lazy("Gutscheine, reserviert"), "1607", "3307", "liability", "voucher"),
    LedgerAccount(
        "EP",
        lazy("Arbeitgeber-Vorauszahlung, noch nicht aufgeladen"),
        "1608",
        "3308",
        "liability",
        "organisation",
    ),
    LedgerAccount("CB", lazy("Kampagnenbudget"), "1609", "3309", "liability", "campaign"),
    LedgerAccount("KR", lazy("Verbindlichkeiten gegenüber Läden"), "1600", "3300", "liability", "outlet"),
    LedgerAccount("DB", lazy("Forderungen gegenüber Kunden"), "1400", "1200", "asset", "organisation"),
    LedgerAccount("SF", lazy("Sonstige Forderungen an Läden und Käufer"), "1500", "1300", "asset", "claim"),
    LedgerAccount("CL", lazy("Verrechnung zwischen Gutscheinprogrammen"), "1723", "3320", "liability", "organisation"),
    LedgerAccount("RS", lazy("Rücklage für Offline- und Ausfallrisiken"), "0970", "3070", "liability"),
    LedgerAccount("PR", lazy("Provisionsumsätze 19 %"), "8519", "4569", "revenue"),
    LedgerAccount("SE", lazy("Erlöse 19 %, Servicegebühr"), "8400", "4400", "revenue"),
    LedgerAccount("UST", lazy("Umsatzsteuer 19 %"), "1776", "3806", "liability"),
    LedgerAccount("VST", lazy("Abziehbare Vorsteuer 19 %"), "1576", "1406", "asset"),
    LedgerAccount("GK", lazy("Nebenkosten des Geldverkehrs"), "4970", "6855", "expense"),
    LedgerAccount("WK", lazy("Werbekosten, eigene Kampagnen"), "4600", "6600", "expense"),
    LedgerAccount("FV", lazy("Forderungsverluste"), "2400", "6930", "expense"),
    LedgerAccount("BE", lazy("Sonstige betriebliche Erträge, verfallene Gutscheine"), "2700", "4830", "revenue"),
    LedgerAccount("MP", lazy("Merkposten: Kartengeld der Läden beim Zahlungsdienst"), None, None, "memo"),
    LedgerAccount(
        "MV",
        lazy("Merkposten: vom Zahlungsdienst an Läden zu zahlen"),
        None,
        None,
        "memo",
        "organisation",
    ),
)
ACCOUNTS = {account.key: account for account in PLAN}
