"""A shop with an open till page, and what its forms say."""

import html
import re
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.database import session, transact
from people.models import Outlet
from tests.builders import vouchers as build
from vouchers.network import programmes
from vouchers.stored_value.issuing import Issued
from vouchers.tills import devices, staff

PIN = "7305"


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return html.unescape(found.group(1))


def words(page: TestResponse) -> str:
    """What a reader sees: no tags, every kind of space as one."""
    bare = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(bare).split())


def open_till(client: FlaskClient, outlet_id: UUID, role: str = "cashier", alias: str = "Anna") -> UUID:
    """Enrol the client as a till of the shop and unlock it; gives the person."""
    secret = transact(devices.invite_device, outlet_id, name="Kasse vorn", person_id=None)
    staff_id = transact(staff.add_staff, outlet_id, alias=alias, pin=PIN, role=role)
    assert client.post(f"/kasse/anmelden/{secret}").status_code == 302
    unlock(client, staff_id)
    return staff_id


def unlock(client: FlaskClient, staff_id: UUID) -> None:
    """This person stands at the till now."""
    assert client.post("/kasse/person", data={"staff": str(staff_id), "pin": PIN}).location == "/kasse/scannen"


def shop_and_vouchers(*cents: int) -> tuple[Outlet, list[Issued]]:
    """A shop and vouchers that it accepts."""
    programme = build.programme()
    place = build.outlet()
    programmes.accept(programme.id, place.id)
    given = [build.voucher(programme.id, one) for one in cents]
    session.commit()
    return place, given
