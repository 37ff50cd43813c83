"""The words for states and kinds, and which state may follow which. The database checks the same words."""

AREAS = ("region", "towns")
SUPERVISION = ("unknown", "asked", "ok")
ENDERS = ("issuer", "shop", "area", "suspension", "change")
LOT_KINDS = ("paid", "bonus", "employer", "goodwill")
POSTING = (  # those with lines in the books
    "issue",
    "load",
    "redeem",
    "hold",
    "capture",
    "release",
    "void",
    "refund",
    "withdraw",
    "lapse",
    "adjust",
    "merge_out",
)
OPERATIONS = (
    *POSTING,
    "merge_in",
    "block",
    "unblock",
    "renew",
    "unlock",
)
# `exhausted` is not final, nor is `withdrawn`: goods that come back fill the voucher again.
VOUCHER: dict[str, frozenset[str]] = {
    "ordered": frozenset({"active"}),
    "active": frozenset({"blocked", "exhausted", "withdrawn", "charged_back", "replaced", "time_barred"}),
    "blocked": frozenset({"active", "withdrawn", "charged_back", "replaced", "time_barred"}),
    "exhausted": frozenset({"active", "blocked", "withdrawn", "replaced"}),
    "withdrawn": frozenset({"active"}),
    "charged_back": frozenset(),
    "replaced": frozenset(),
    "time_barred": frozenset(),
}
SPENDABLE = frozenset({"active", "exhausted"})
PLUS = frozenset({"issue", "load", "void", "refund", "merge_in"})
MINUS = frozenset({"redeem", "capture", "withdraw", "lapse", "adjust", "merge_out"})
