"""Vouchers of the demo: fresh ones to try, and two months of sales and redemptions for the auditor to look at."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from demo import gates, incoming
from demo.ground import PROGRAMMES
from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import DomainError
from money.bank import allocation
from money.ledger import checks, sealing
from people.models import Municipality, Organisation, Outlet
from vouchers.network import limits
from vouchers.statistics import counting
from vouchers.stored_value import issuing
from vouchers.stored_value.models import Acceptance, Programme
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder

FRESH = {"muensterland-gutschein": 48, "coesfeld-gutschein": 14, "duelmen-gutschein": 14}
PAST = {"muensterland-gutschein": 110, "coesfeld-gutschein": 36, "duelmen-gutschein": 30}
AMOUNTS = (2000, 2500, 3000, 4000, 5000, 5000, 7500, 10000)
DAYS = 60


def floats() -> None:
    """Own funds in the pools, so that fees never leave a voucher uncovered."""
    for slug, cents in (("muensterland", 250000), ("stadtgutschein", 80000)):
        issuer = session.scalars(sa.select(Organisation).where(Organisation.slug == slug)).one()
        receipt_id = incoming.receive(issuer.id, cents, issuer.name, "Schwankungsreserve")
        first, second = gates.two_clerks(issuer)
        allocation.reclassify(receipt_id, "own", person_id=first, approved_by=second, note="Schwankungsreserve")


def fresh() -> list[dict[str, Any]]:
    """New vouchers to try, with their secrets in plain: they exist in the demo's own file only."""
    made = []
    for wanted in PROGRAMMES:
        programme = session.scalars(sa.select(Programme).where(Programme.slug == wanted["slug"])).unique().one()
        amounts = [AMOUNTS[nth % len(AMOUNTS)] for nth in range(FRESH[wanted["slug"]])]
        for issued in issue(programme, amounts, None):
            made.append(
                {
                    "token": issued.token,
                    "code": issued.code,
                    "pin": issued.pin,
                    "programme": wanted["slug"],
                    "cents": issued.cents,
                }
            )
    return made


def issue(
    programme: Programme, amounts: list[int], ags: str | None, receipt_id: UUID | None = None
) -> list[issuing.Issued]:
    """New vouchers out of a credit on the trust account, which comes now unless it came before; counted as sold."""
    batch, cents = uuid7(), sum(amounts)
    paid = receipt_id or incoming.receive(programme.issuer_id, cents, "Kasse der Vorführung", "Gutscheine")
    people = gates.two_clerks(programme.issuer)
    allocation.allocate_to_value(paid, batch, cents, ledger_id=programme.issuer_id, person_ids=people)
    limits.sell_now(batch, programme.id, cents)
    return issuing.issue_many(
        programme.id,
        amounts,
        terms=issuing.LotTerms(issue_ags=ags, reason="Vorführung"),
        funding=issuing.Funding("KZ", batch),
        actor_id=batch,
        keys=[str(uuid7()) for _amount in amounts],
    )


def _dice() -> random.Random:
    return random.Random(48653)  # noqa: S311 a story, no secret


def _draw_amounts(dice: random.Random) -> dict[str, list[int]]:
    return {slug: [dice.choice(AMOUNTS) for _nth in range(count)] for slug, count in PAST.items()}


def income() -> dict[str, UUID]:
    """What buyers of two months have paid, on the trust accounts before they begin: the receipts by programme."""
    programmes = session.scalars(sa.select(Programme).where(Programme.slug.in_(PAST))).unique()
    issuers = {programme.slug: programme.issuer_id for programme in programmes}
    return {
        slug: incoming.receive(issuers[slug], sum(amounts), "Kasse der Vorführung", f"Verkauf {slug}")
        for slug, amounts in _draw_amounts(_dice()).items()
    }


def past(tills: list[dict[str, Any]], receipts: dict[str, UUID]) -> None:
    """Two months of a voucher's life, at their own times: the same every time the demo is made afresh.

    `receipts`: what they are paid out of, to the cent.
    """
    dice = _dice()
    amounts = _draw_amounts(dice)
    towns = list(session.scalars(sa.select(Municipality.ags).where(Municipality.district == "Kreis Coesfeld")))
    session.rollback()
    for wanted in PROGRAMMES:
        slug = wanted["slug"]
        for cents in amounts[slug]:
            sale = Sale(slug, cents, dice.choice(towns), receipts[slug])
            _one_life(dice, sale, tills)
    while sealing.seal_once(5000):
        pass
    counting.count_all()
    checks.check_proof()
    checks.check_cover()
    checks.check_chain()


@dataclass(frozen=True)
class Sale:
    """One voucher of the past: its programme, its value, where its buyer lives, and what paid for it."""

    slug: str
    cents: int
    home: str
    receipt_id: UUID


def _one_life(dice: random.Random, sale: Sale, tills: list[dict[str, Any]]) -> None:
    sold = clock.now() - timedelta(days=dice.randint(1, DAYS), minutes=dice.randint(0, 600))
    with clock.at(sold):
        token, programme_id = transact(_sell, sale)
    accepting = _accepting(programme_id, tills)
    instant, left = sold, sale.cents
    while left > 300 and dice.random() < 0.72:
        instant += timedelta(hours=dice.randint(3, 320))
        if instant > clock.now() - timedelta(hours=1):
            return
        opened = clock.berlin(instant).replace(hour=dice.randint(9, 17))
        instant = max(instant, opened)
        take = min(left, dice.randint(300, 4200))
        with clock.at(instant):
            try:
                redeeming.redeem(dice.choice(accepting), RedemptionOrder(token, take, str(uuid7())))
            except DomainError:
                return
        left -= take


def _sell(sale: Sale) -> tuple[str, UUID]:
    programme = session.scalars(sa.select(Programme).where(Programme.slug == sale.slug)).unique().one()
    town = programme.towns[0].ags if programme.towns else sale.home
    return issue(programme, [sale.cents], town, sale.receipt_id)[0].token, programme.id


def _accepting(programme_id: UUID, tills: list[dict[str, Any]]) -> list[str]:
    query = sa.select(Outlet.slug).join(Acceptance, Acceptance.outlet_id == Outlet.id)
    slugs = set(session.scalars(query.where(Acceptance.programme_id == programme_id)))
    session.rollback()
    return [till["token"] for till in tills if till["shop"] in slugs]
