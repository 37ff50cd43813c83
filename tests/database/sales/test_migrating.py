"""Sales of before there were orders: each becomes an order of its own id, and its value knows where it comes from."""

import psycopg
from flask import Flask
from flask_migrate import downgrade, upgrade

from foundation.config import settings
from foundation.database import session, transact
from tests.builders import vouchers as build
from tests.builders.sales import paid, wanted
from vouchers.purchases import links, queries
from vouchers.sales import selling

OLD = (
    "UPDATE lot SET origin_id = NULL FROM voucher_sale s WHERE s.voucher_id = lot.voucher_id",
    "UPDATE voucher_sale SET terms_hash = NULL",
)


def test_old_sales_become_orders_and_their_links_and_value_stay(own_database: Flask) -> None:
    programme = transact(build.programme)
    sale_id = paid(programme)
    draft_id = transact(selling.draft_sale, wanted(programme, cents=20_00))
    link = links.sign_order(sale_id)
    session.remove()
    downgrade(revision="0014")
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        for statement in OLD:
            owner.execute(statement)  # type: ignore[arg-type]
    upgrade()
    order = queries.load_order(links.read_order_link(link))
    [sale] = queries.list_sales(order.id)
    assert (order.id, order.state, sale.id, sale.state, sale.way) == (sale_id, "paid", sale_id, "delivered", "mail")
    assert order.number == f"GB-{sale.number.removeprefix('MG-')}"
    assert queries.load_order(draft_id).state == "draft"
    assert sale.instructed_at is None
    with psycopg.connect(settings().database_url) as owner:
        origin = owner.execute("SELECT origin_id FROM lot WHERE voucher_id = %s", [sale.voucher_id]).fetchone()
    assert origin == (sale_id,)
