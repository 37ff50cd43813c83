"""How this package plugs into the application."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from money import amount, commands
from money.bank import commands as bank_commands
from money.bank import models as bank_models
from money.bank import proofs as bank_proofs
from money.law import models as law_models
from money.ledger import checks, explaining, invariants
from money.ledger import models as ledger_models
from money.methods import card, pickup, sepa_debit, transfer
from money.payments import commands as payment_commands
from money.payments import methods, proofs, recovering
from money.payments import models as payment_models
from money.web import bank, office
from money.web.hooks import hooks
from money.web.pay import pay


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert bank_commands
    assert bank_models
    assert law_models
    assert ledger_models
    assert checks
    invariants.plug()
    explaining.plug()
    assert payment_models
    assert payment_commands
    assert recovering
    proofs.plug()
    bank_proofs.plug(transfer.METHOD.key)
    methods.register_external(card.METHOD, refund=card.METHOD.refund, texts=card.TEXTS)
    methods.register_external(sepa_debit.METHOD, refund=sepa_debit.METHOD.refund, texts=sepa_debit.TEXTS)
    methods.register_external(transfer.METHOD, refund=transfer.METHOD.refund, texts=transfer.TEXTS)
    methods.register_external(pickup.METHOD)
    app.register_blueprint(pay)
    app.register_blueprint(hooks)
    app.register_blueprint(office.pages)
    app.register_blueprint(bank.pages)
    navigation.add(
        "office",
        "office_payments.payments",
        lazy("Zahlungen"),
        order=27,
        permission="payments.see",
        group=lazy("Tägliche Arbeit"),
        note=lazy("Was bezahlt wurde und was hängt."),
        symbol="credit-card",
    )
    navigation.add(
        "office",
        "office_bank.worklist",
        lazy("Bank"),
        order=25,
        permission="bank.handle",
        group=lazy("Tägliche Arbeit"),
        note=lazy("Überweisungen zuordnen und zurückzahlen."),
        symbol="landmark",
    )
    app.cli.add_command(commands.money)
    app.jinja_env.filters["euro"] = amount.euro
    app.jinja_env.filters["plain_amount"] = amount.plain
