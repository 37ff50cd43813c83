"""The plan of accounts: what each key means, as `docs/accounts.md` explains it. The table `account` holds the same.

Numbers of SKR03 and SKR04 are proposals that the tax adviser confirms. Memo accounts have none: they are not our money.
"""

from dataclasses import dataclass
from enum import StrEnum

from foundation.languages import lazy


class AccountKind(StrEnum):
    """What an account shows, and so on which side it grows."""

    ASSET = "asset"  # what is ours or owed to us
    LIABILITY = "liability"  # what we owe
    REVENUE = "revenue"  # what we earned
    EXPENSE = "expense"  # what we spent
    MEMO = "memo"  # what is not our money and only noted


ASSET, LIABILITY, REVENUE, EXPENSE, MEMO = AccountKind


@dataclass(frozen=True)
class LedgerAccount:
    """`party` says whose sub-ledger it is; such an account is never posted without one."""

    key: str
    name: object
    skr03: str | None
    skr04: str | None
    kind: AccountKind
    party: str | None = None
    clears_days: int | None = None

    @property
    def clears(self) -> bool:
        """Whether each party's balance returns to zero, in `clears_days` days at the latest."""
        return self.clears_days is not None

    @property
    def sign(self) -> int:
        """1 where a debit makes the balance larger, -1 where a credit does."""
        return 1 if self.kind in {ASSET, EXPENSE} or self.key in {"MP", "MF"} else -1


PLAN = (
    LedgerAccount("TB", lazy("Bank, Treuhandkonto"), "1210", "1810", ASSET),
    LedgerAccount("OB", lazy("Bank, Betriebskonto"), "1200", "1800", ASSET),
    LedgerAccount("PSP", lazy("Geldtransit Zahlungsdienst"), "1361", "1461", ASSET),
    LedgerAccount("GT", lazy("Geldtransit Auszahlungen"), "1360", "1460", ASSET, "payout", 14),
    LedgerAccount("KZ", lazy("Kundenzahlungen in Klärung"), "1610", "3310", LIABILITY, "payment", 14),
    LedgerAccount("VL", lazy("Gutscheine, bezahlt"), "1604", "3304", LIABILITY, "voucher"),
    LedgerAccount("VB", lazy("Gutscheine, Bonus"), "1605", "3305", LIABILITY, "voucher"),
    LedgerAccount("VE", lazy("Gutscheine, Arbeitgeberguthaben"), "1606", "3306", LIABILITY, "voucher"),
    LedgerAccount("VH", lazy("Gutscheine, reserviert"), "1607", "3307", LIABILITY, "voucher"),
    LedgerAccount(
        "EP",
        lazy("Arbeitgeber-Vorauszahlung, noch nicht aufgeladen"),
        "1608",
        "3308",
        LIABILITY,
        "organisation",
    ),
    LedgerAccount("CB", lazy("Kampagnenbudget"), "1609", "3309", LIABILITY, "campaign"),
    LedgerAccount("KR", lazy("Verbindlichkeiten gegenüber Läden"), "1600", "3300", LIABILITY, "outlet"),
    LedgerAccount("DB", lazy("Forderungen gegenüber Kunden"), "1400", "1200", ASSET, "organisation"),
    LedgerAccount("SF", lazy("Sonstige Forderungen an Läden und Käufer"), "1500", "1300", ASSET, "claim"),
    LedgerAccount("CL", lazy("Verrechnung zwischen Gutscheinprogrammen"), "1723", "3320", LIABILITY, "organisation"),
    LedgerAccount("RS", lazy("Rücklage für Offline- und Ausfallrisiken"), "0970", "3070", LIABILITY),
    LedgerAccount("PR", lazy("Provisionsumsätze 19 %"), "8519", "4569", REVENUE),
    LedgerAccount("SE", lazy("Erlöse 19 %, Servicegebühr"), "8400", "4400", REVENUE),
    LedgerAccount("UST", lazy("Umsatzsteuer 19 %"), "1776", "3806", LIABILITY),
    LedgerAccount("VST", lazy("Abziehbare Vorsteuer 19 %"), "1576", "1406", ASSET),
    LedgerAccount("GK", lazy("Nebenkosten des Geldverkehrs"), "4970", "6855", EXPENSE),
    LedgerAccount("WK", lazy("Werbekosten, eigene Kampagnen"), "4600", "6600", EXPENSE),
    LedgerAccount("FV", lazy("Forderungsverluste"), "2400", "6930", EXPENSE),
    LedgerAccount("BE", lazy("Sonstige betriebliche Erträge, verfallene Gutscheine"), "2700", "4830", REVENUE),
    LedgerAccount("ZE", lazy("Zinserträge"), "2650", "7100", REVENUE),
    LedgerAccount("MP", lazy("Merkposten: Kartengeld der Läden beim Zahlungsdienst"), None, None, MEMO),
    LedgerAccount(
        "MV",
        lazy("Merkposten: vom Zahlungsdienst an Läden zu zahlen"),
        None,
        None,
        MEMO,
        "organisation",
    ),
    LedgerAccount("MF", lazy("Merkposten: Gebühren auf Kartengeld der Läden"), None, None, MEMO),
)
ACCOUNTS = {account.key: account for account in PLAN}
