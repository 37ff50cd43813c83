"""SEPA direct debit by Stripe's hosted page: collected by the bank within days, certain only then."""

from foundation.languages import lazy
from money.methods.checkout import CheckoutMethod, CheckoutTexts
from money.payments.methods import MethodTexts
from money.payments.payables import MoneyKind, Rail, Traits
from money.payments.states import CallKind

TEXTS = MethodTexts(
    moment=lazy("Der Gutschein gilt, sobald die Bank eingezogen hat: meist nach drei bis sechs Werktagen."),
    waiting=lazy("Ihre Bank zieht den Betrag ein, das dauert einige Werktage. Danach kommt der Gutschein von selbst."),
)
METHOD = CheckoutMethod(
    "sepa_debit",
    lazy("Lastschrift"),
    Traits(
        MoneyKind.DIRECT_DEBIT,
        rails=frozenset({Rail.ISSUER, Rail.SELLER}),
        settles_before_delivery=True,
        shop_kinds=frozenset({"sepa"}),
        is_immediate=False,
        refundable_days=180,  # Stripe takes no refund of a debit that is older
    ),
    stripe_type="sepa_debit",
    origin=CallKind.COLLECT,
    texts=CheckoutTexts(
        note=lazy("Vom Bankkonto. Der Einzug dauert einige Werktage; erst danach geht es weiter."),
        symbol="landmark",
        order_hint=lazy(
            "Bei der Lastschrift dauert es einige Werktage, bis das Geld da ist; so lange verschiebt sich die Abholung."
        ),
    ),
)
