"""The words for states and kinds, and which state may follow which. The database checks the same words."""

AREAS = ("region", "towns")
SUPERVISION = ("unknown", "asked", "ok")
LOT_KINDS = ("paid", "bonus", "employer", "goodwill")
STAFF_ROLES = ("cashier", "lead")
OPERATIONS = (
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
    "block",
    "unblock",
    "renew",
    "unlock",
)
# `exhausted` is not final: a refund fills the voucher again.
VOUCHER: dict[str, frozenset[str]] = {
    "ordered": frozenset({"active"}),
    "active": frozenset({"blocked", "exhausted", "withdrawn", "charged_back", "replaced", "time_barred"}),
    "blocked": frozenset({"active", "withdrawn", "charged_back", "replaced", "time_barred"}),
    "exhausted": frozenset({"active", "blocked"}),
    "withdrawn": frozenset(),
    "charged_back": frozenset(),
    "replaced": frozenset(),
    "time_barred": frozenset(),
}
SPENDABLE = frozenset({"active", "exhausted"})
PLUS = frozenset({"issue", "load", "void", "refund"})
MINUS = frozenset({"redeem", "capture", "withdraw", "lapse"})
