"""The till page is light: what a telephone loads before the scanner, byte by byte; and a wrong clock is only noted."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.database import session
from tests.builders.at_the_till import open_till, shop_and_vouchers
from vouchers.stored_value.models import VoucherOperation
from vouchers.web.till import form_input

MOST = 60_000
IMPORTED = re.compile(r'^import .* from "\./([\w.-]+)"|^import "\./([\w.-]+)"', re.MULTILINE)


class Ear:
    """A log that hears everything."""

    def __init__(self, told: list[tuple[str, str, int]]) -> None:
        self.told = told

    def info(self, event: str, *, till: str, seconds: int) -> None:
        self.told.append(("info", event, seconds))

    def warning(self, event: str, *, till: str, seconds: int) -> None:
        self.told.append(("warning", event, seconds))


def loaded(client: FlaskClient, page: str) -> dict[str, int]:
    """Every file that the page names in its head, and what their modules import at once, with its size as it is."""
    html = client.get(page).text
    head = html.split("</head>")[0]
    links = re.findall(r'<link [^>]*rel="(?:stylesheet|preload|manifest|modulepreload|icon)"[^>]*href="([^"]+)"', head)
    links += re.findall(r'<link [^>]*href="([^"]+)"[^>]*rel="(?:stylesheet|preload|manifest|modulepreload|icon)"', head)
    links += set(re.findall(r'<use href="([^"#]+)#', html))
    scripts = re.findall(r'<script [^>]*src="([^"]+)"', html)
    sizes = {page: len(html.encode())}
    for address in {*links, *scripts}:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            sizes[address] = len(answer.data)
            assert not IMPORTED.search(answer.text), "count what it imports, too"
    return sizes


@pytest.mark.parametrize("page", ["/kasse/scannen", "/kasse/bon", "/kasse/heute", "/kasse/person"])
def test_the_first_page_is_under_60_kilobytes_before_the_scanner(
    context: Flask, client: FlaskClient, page: str
) -> None:
    place, _vouchers = shop_and_vouchers()
    open_till(client, place.id)
    sizes = loaded(client, page)
    assert sum(sizes.values()) < MOST, sizes
    assert not [name for name in sizes if "vendor" in name or "scanner" in name], "the scanner comes later"


def test_the_fonts_of_the_house_are_left_at_home(context: Flask, client: FlaskClient) -> None:
    place, _vouchers = shop_and_vouchers()
    open_till(client, place.id)
    html = client.get("/kasse/scannen").text
    assert "woff2" not in html
    with client.get(re.findall(r'href="([^"]*base/tokens\.css[^"]*)"', html)[0]) as own:
        assert re.search(r"\.on-till ?\{\s*--text: ?system-ui", own.text)


@pytest.mark.parametrize(("minutes", "level"), [(0, None), (4, "info"), (-4, "info"), (7, "warning"), (-90, "warning")])
def test_a_clock_that_is_wrong_is_noted_and_decides_nothing(
    context: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, minutes: int, level: str | None
) -> None:
    place, (voucher,) = shop_and_vouchers(10_00)
    open_till(client, place.id)
    said = clock.now() + timedelta(minutes=minutes)
    form = {"presented": voucher.token, "key": str(uuid4()), "amount": "10", "client_time": said.isoformat()}
    told: list[tuple[str, str, int]] = []
    monkeypatch.setattr(form_input, "log", Ear(told))
    assert client.post("/kasse/einloesen", data=form).status_code == 200
    assert [(name, event) for name, event, _seconds in told] == ([(level, "till_clock_off")] if level else [])
    assert all(abs(seconds - minutes * 60) < 60 for _name, _event, seconds in told)
    row = session.query(VoucherOperation).filter_by(outlet_id=place.id, kind="redeem").one()
    assert row.client_time == said
    assert abs(row.recorded_at - clock.now()) < timedelta(minutes=2)


@pytest.mark.parametrize("said", ["", "gestern", "9999-01-01T00:00:00Z", "1970-01-01", "x" * 300])
def test_a_clock_that_says_nothing_sensible_is_passed_over(context: Flask, client: FlaskClient, said: str) -> None:
    place, (voucher,) = shop_and_vouchers(10_00)
    open_till(client, place.id)
    form = {"presented": voucher.token, "key": str(uuid4()), "amount": "10", "client_time": said}
    assert client.post("/kasse/einloesen", data=form).status_code == 200
    assert session.query(VoucherOperation).filter_by(outlet_id=place.id, kind="redeem").one().client_time is None


def test_every_icon_of_a_till_page_is_in_the_tills_own_sheet(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(10_00)
    open_till(client, place.id)
    house = symbols(Path(client.application.static_folder or "") / "vendor/lucide-1.62.0/icons.svg")
    own = symbols(Path(client.application.static_folder or "") / "vouchers/till-icons.svg")
    assert {name: house[name] for name in own} == own
    look = client.post("/kasse/gutschein", data={"presented": voucher.token})
    green = client.post("/kasse/einloesen", data={"presented": voucher.token, "key": str(uuid4()), "amount": "4"})
    red = client.post("/kasse/gutschein", data={"presented": "?"})
    urls = ("scannen", "heute", "bon", "rueckgabe", "geklappt", "abschluss", "uebung", "person")
    for page in (look, green, red, *(client.get(f"/kasse/{url}") for url in urls)):
        used = re.findall(r'<use href="([^"#]+)#([^"]+)"', page.text)
        assert used
        assert {address.partition("?")[0] for address, _name in used} == {"/static/vouchers/till-icons.svg"}
        assert {name for _address, name in used} <= set(own)


def symbols(sheet: Path) -> dict[str, str]:
    return dict(re.findall(r'<symbol id="([^"]+)"(.*?)</symbol>', sheet.read_text(encoding="utf-8"), re.DOTALL))
