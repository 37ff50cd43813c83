"""Who may do what: one table, read by the guards, shown to operators, checked by tests.

Everybody who is signed in is a shopper. A till is a device, known by its bearer token. Both persons whom
`flask vouchers issue` names need `vouchers.issue`.
"""

ROLES: dict[str, frozenset[str]] = {
    "shopper": frozenset({"account.see"}),
    "retailer_clerk": frozenset({"account.see", "desk.see", "orders.handle", "redemptions.see", "offers.see"}),
    "retailer_owner": frozenset(
        {
            "account.see",
            "desk.see",
            "orders.handle",
            "redemptions.see",
            "offers.see",
            "offers.change",
            "tills.manage",
            "agreements.manage",
            "members.manage",
        }
    ),
    "till": frozenset({"vouchers.redeem"}),
    "point_keeper": frozenset({"account.see", "point.see", "handover.confirm"}),
    "issuer_clerk": frozenset(
        {
            "account.see",
            "office.see",
            "programmes.manage",
            "vouchers.issue",
            "vouchers.propose",
            "vouchers.approve",
            "vouchers.support",
            "watch.see",
            "audit.see",
            "cards.manage",
            "bank.handle",
        }
    ),
    "counter_clerk": frozenset({"account.see", "cards.sell"}),
    "auditor": frozenset({"account.see", "audit.see"}),
    "operator": frozenset({"account.see", "office.see", "payments.see", "watch.see", "bank.handle"}),
}
FRESH_PERMISSIONS = frozenset(
    {
        "tills.manage",
        "members.manage",
        "vouchers.issue",
        "vouchers.propose",
        "vouchers.approve",
        "cards.manage",
        "bank.handle",
    }
)


def is_allowed(roles: set[str], permission: str) -> bool:
    """Whether one of the roles holds the permission."""
    return any(permission in ROLES[role] for role in roles)
