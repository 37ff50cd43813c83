"""The demo's data: `python -m demo.seed --write instance/demo.json`. Laid once; a lost file is made anew."""

import argparse
import json
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from demo import counters, gates, ground, history, proposals, staff, wallets
from foundation import clock
from foundation.config import settings
from foundation.database import session, transact
from people.models import Organisation, Outlet
from wsgi import create_app

OPENED = timedelta(days=90)


def _exists() -> bool:
    found = session.scalar(sa.select(sa.func.count()).where(Organisation.slug == "muensterland"))
    session.rollback()
    return bool(found)


def _shops() -> list[dict[str, Any]]:
    rows = session.scalars(sa.select(Outlet).order_by(Outlet.slug)).unique()
    return [
        {"slug": o.slug, "name": o.name, "town": o.municipality.name, "trade": o.trade, "url": f"/laden/{o.slug}"}
        for o in rows
    ]


def seed(target: Path) -> None:
    """Lay the ground where there is none, and write what a newcomer needs to try everything."""
    new = not _exists()
    if new:
        with clock.at(clock.now() - OPENED):
            transact(ground.lay)
            transact(history.floats)
            receipts = transact(history.income)
    else:
        transact(gates.pass_all)  # data of before there was a gate
    if not new and target.exists():
        _update(target)
        return
    tills = transact(staff.tills)
    transact(counters.lay)
    sign_ins = transact(staff.people, f"Baumberge-{secrets.randbelow(9000) + 1000}-Stever")
    seller = next(person["email"] for person in sign_ins if person["role"] == "counter_clerk")
    values = {
        "base_url": settings().base_url,
        "sign_ins": sign_ins,
        "tills": tills,
        "cards": counters.cards(seller),
        "vouchers": transact(history.fresh),
        "shops": _shops(),
    }
    session.rollback()
    _write(target, values)
    if new:
        transact(wallets.fill, next(person["email"] for person in sign_ins if person["role"] == "shopper"))
        history.past(tills, receipts)
        transact(proposals.lay)


def _update(target: Path) -> None:
    values = json.loads(target.read_text(encoding="utf-8"))
    if values.get("base_url") != settings().base_url:
        _write(target, values | {"base_url": settings().base_url})


def _write(target: Path, values: dict[str, Any]) -> None:
    """Only its owner may read it: tokens are as good as money, even in a demo."""
    half = target.with_suffix(".part")
    with open(half, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(values, file, ensure_ascii=False, indent=1)
    half.replace(target)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, required=True, metavar="FILE")
    target: Path = parser.parse_args().write
    app: Flask = create_app()
    with app.app_context():
        seed(target)


if __name__ == "__main__":
    main()
