"""Card by Stripe's hosted page: authorised there, captured once everything else is certain."""

from foundation.languages import lazy
from money.methods.checkout import CheckoutMethod, CheckoutTexts
from money.payments.methods import MethodTexts
from money.payments.payables import MoneyKind, Rail, Traits
from money.payments.states import CallKind

TEXTS = MethodTexts(moment=lazy("Der Gutschein gilt sofort."))
METHOD = CheckoutMethod(
    "card",
    lazy("Karte"),
    Traits(
        MoneyKind.CARD,
        rails=frozenset({Rail.ISSUER, Rail.SELLER}),
        settles_before_delivery=True,
        shop_kinds=frozenset({"card"}),
        refundable_days=3 * 365,  # as long as the claim lives (§ 195 BGB); the card's issuer may refuse earlier
    ),
    stripe_type="card",
    origin=CallKind.AUTHORISE,
    texts=CheckoutTexts(
        note=lazy("Kredit- oder Debitkarte, sicher auf der Seite von Stripe."),
        symbol="credit-card",
    ),
)
