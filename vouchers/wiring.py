"""How this package plugs into the application."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from money.payments import methods, payables
from vouchers import commands
from vouchers.api import blueprint as api
from vouchers.api import holds, public, redemptions, reports
from vouchers.cards import wiring as cards
from vouchers.moving import commands as moving_commands
from vouchers.moving import foreign_codes
from vouchers.moving import models as moving_models
from vouchers.moving import proofs as moving_proofs
from vouchers.network import programmes
from vouchers.network import wiring as network
from vouchers.partners import collecting
from vouchers.practice import models as practice_models
from vouchers.purchases import models as purchase_models
from vouchers.sales.payable import VoucherOrderPayable
from vouchers.statistics import counting
from vouchers.statistics import models as statistics_models
from vouchers.stored_value import credentials, entry_sentences, models, proofs
from vouchers.stored_value.payment_method import VoucherMethod
from vouchers.web.audit import wiring as audit
from vouchers.web.counter import wiring as counter
from vouchers.web.desk import wiring as desk
from vouchers.web.office import wiring as office
from vouchers.web.office.network import wiring as office_network
from vouchers.web.shop import wiring as shop
from vouchers.web.till import blueprint as till
from vouchers.web.till import day, enrolment, pin, practice, receipt_status, receipts, returning, split_receipt, taking
from vouchers.web.wallet import wiring as wallet

PACKAGE = Package(
    modules=(
        *(models, purchase_models, statistics_models, practice_models, moving_models),
        *(holds, public, redemptions, reports),
        *(enrolment, pin, taking, day, split_receipt, returning, receipt_status, practice),
    ),
    pages=(receipts.pages, till.enrolment, till.pin, till.till),
    menu=(MenuEntry("main", "voucher_shop.programmes", lazy("Gutscheine"), 30),),
    filters={"reach": programmes.describe_reach},
)
ROOMS = (commands, cards, counter, api, shop, wallet, office)  # each plugs what is its own into the application
TABLES = (audit.PACKAGE, office_network.PACKAGE, desk.PACKAGE, PACKAGE)


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs, and what the rooms below ask for."""
    for room in (proofs, entry_sentences, network, moving_proofs, collecting):
        room.plug()
    moving_commands.recounts["statistics"] = counting.count_all
    methods.register_internal(VoucherMethod())
    payables.register(VoucherOrderPayable())
    for audience in ROOMS:
        audience.plug(app)
    credentials.register(
        "moved in", foreign_codes.resolve, proves_itself=False
    )  # last: it takes whatever might be a code
    for table in TABLES:
        table.plug(app)
