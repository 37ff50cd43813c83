"""How this package plugs into the application: rooms in a table, methods of payment in a line each (decision 0206)."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from money import amount, commands
from money.bank import importing as bank_importing
from money.bank import models as bank_models
from money.bank import proofs as bank_proofs
from money.day_end import models as day_models
from money.day_end import plug as day_plug
from money.day_end import reviewing
from money.law import models as law_models
from money.ledger import chain, checks, figures, invariants
from money.ledger import models as ledger_models
from money.methods import card, pickup, sepa_debit, transfer
from money.payments import (
    case_models,
    comparing,
    losing,
    methods,
    proofs,
    recovering,
    refund_ends,
    statement_models,
)
from money.payments import models as payment_models
from money.roots import comparing as root_comparing
from money.roots import models as root_models
from money.roots import publishing
from money.web import bank, cases, days, hooks, office, pay
from money.web import roots as root_pages

MENU = (
    MenuEntry("footer", "books.overview", lazy("Offene Bücher"), 40),
    MenuEntry(
        "office",
        "office_payments.payments",
        lazy("Zahlungen"),
        27,
        "payments.see",
        lazy("Tägliche Arbeit"),
        note=lazy("Was bezahlt wurde und was hängt."),
        symbol="credit-card",
    ),
    MenuEntry(
        "office",
        "office_cases.overview",
        lazy("Klärung"),
        26,
        "bank.handle",
        lazy("Tägliche Arbeit"),
        note=lazy("Was Banken und Zahlungsdienst zurückgeholt haben, und Erstattungen, die nicht ankamen."),
        symbol="undo-2",
    ),
    MenuEntry(
        "office",
        "office_days.overview",
        lazy("Tagesabstimmung"),
        25,
        "bank.handle",
        lazy("Tägliche Arbeit"),
        note=lazy("Ob Bank und Bücher an jedem Tag übereinstimmen, und was offen ist."),
        symbol="scale",
    ),
    MenuEntry(
        "office",
        "office_bank.worklist",
        lazy("Bank"),
        25,
        "bank.handle",
        lazy("Tägliche Arbeit"),
        note=lazy("Überweisungen zuordnen und zurückzahlen."),
        symbol="landmark",
    ),
)
PACKAGE = Package(
    modules=(
        bank_importing,
        bank_models,
        law_models,
        ledger_models,
        payment_models,
        case_models,
        statement_models,
        root_models,
        checks,
        figures,
        publishing,
        recovering,
        comparing,
        losing,
        refund_ends,
        day_models,
        reviewing,
    ),
    pages=(pay.pages, hooks.pages, office.pages, bank.pages, days.pages, cases.pages, root_pages.pages),
    menu=MENU,
    commands=(commands.money,),
    filters={"euro": amount.euro, "plain_amount": amount.plain},
)


def plug(app: Flask) -> None:
    """Register tables, methods, proofs, pages, commands and jobs."""
    invariants.plug()
    if root_comparing.compare_published not in chain.comparisons:
        chain.comparisons.append(root_comparing.compare_published)
    proofs.plug()
    bank_proofs.plug(transfer.METHOD.key)
    day_plug.plug()
    methods.register_external(card.METHOD, refund=card.METHOD.refund, texts=card.TEXTS)
    methods.register_external(sepa_debit.METHOD, refund=sepa_debit.METHOD.refund, texts=sepa_debit.TEXTS)
    methods.register_external(transfer.METHOD, refund=transfer.METHOD.refund, texts=transfer.TEXTS)
    methods.register_external(pickup.METHOD)
    PACKAGE.plug(app)
