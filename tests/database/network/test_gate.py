"""The launch gate: nothing is sold before everything is recorded, and nothing with a single purpose for VAT."""

import hashlib
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from foundation import errors
from foundation.database import session, transact
from tests.builders import network as people
from tests.builders import vouchers as build
from vouchers.network import agreements, charter, checklist, gate, programmes, purpose, trust
from vouchers.stored_value import issuing
from vouchers.stored_value.models import Programme, Voucher

NOTE = "Schreiben vom 2. November 2026"


def bare() -> tuple[Programme, UUID, UUID]:
    """A programme with two shops of different rates and nothing recorded."""

    def lay() -> tuple[Programme, UUID, UUID]:
        made = build.programme(partners=False)
        for rate in ("7", "19"):
            programmes.accept(made.id, build.outlet().id, vat_rates=rate)
        return made, people.clerk(made.issuer_id), people.clerk(made.issuer_id, "Hans")

    return transact(lay)


def steps(programme: Programme, gerda: UUID, hans: UUID) -> dict[str, Callable[[], object]]:
    """What has to be recorded, by name."""
    by_two = {"proposed_by": gerda, "approved_by": hans, "reason": "Erste Fassung"}
    return {
        "charter": lambda: charter.enact(programme.id, charter.read_limits(programme), **by_two),  # type: ignore[arg-type]
        "bank": lambda: trust.enact(programme.issuer_id, iban=people.iban(), holder="Treuhand", **by_two),  # type: ignore[arg-type]
        "terms": lambda: gate.record_terms(programme.id, kind="buyer", version="1", text=people.TERMS, person_id=gerda),
        "vat": lambda: gate.record_vat(programme.id, reference=NOTE, person_id=gerda),
        "supervision": lambda: gate.record_supervision(programme.id, position="ok", reference=NOTE, person_id=hans),
    }


@pytest.mark.parametrize("missing", ["charter", "bank", "terms", "vat", "supervision"])
def test_no_programme_is_sold_while_one_step_is_missing(context: Flask, missing: str) -> None:
    programme, gerda, hans = bare()
    todo = steps(programme, gerda, hans)
    for name in todo:
        if name != missing:
            transact(todo[name])
    with pytest.raises(errors.Refused) as refused:
        transact(gate.launch, programme.id, person_id=hans)
    assert refused.value.code == "gate_closed"
    assert programme.id not in {p.id for p in programmes.list_on_sale()}
    states = {step.key: step.state for step in checklist.list_steps(session.get_one(Programme, programme.id))}
    assert {key for key, state in states.items() if state != "ok"} == {missing}
    with pytest.raises(IntegrityError):
        session.execute(
            sa.text("UPDATE programme SET on_sale = true, launched_at = now() WHERE id = :p"), {"p": programme.id}
        )
    session.rollback()
    transact(todo[missing])
    transact(gate.launch, programme.id, person_id=hans)
    assert programme.id in {p.id for p in programmes.list_on_sale()}


def test_each_step_says_who_answers_for_it_and_since_when(context: Flask) -> None:
    programme, gerda, hans = bare()
    for step in steps(programme, gerda, hans).values():
        transact(step)
    found = {step.key: step for step in checklist.list_steps(session.get_one(Programme, programme.id))}
    assert {key: found[key].by for key in ("charter", "bank", "terms", "vat", "supervision")} == {
        "charter": hans,
        "bank": hans,
        "terms": gerda,
        "vat": gerda,
        "supervision": hans,
    }
    assert all(found[key].at for key in ("charter", "bank", "terms", "vat", "supervision"))


def test_no_paid_value_before_the_gate_through_whichever_channel(context: Flask) -> None:
    programme, _gerda, _hans = bare()
    with pytest.raises(IntegrityError) as refused:
        issuing.issue(
            programme.id,
            20_00,
            funding=build.paid_in(programme.id, 20_00),
            actor_id=uuid4(),
            key=str(uuid4()),
        )
    session.rollback()
    assert "launch gate" in str(refused.value)
    assert session.scalar(sa.select(sa.func.count()).where(Voucher.programme_id == programme.id)) == 0


def test_a_position_that_is_open_again_stops_the_sale_at_once_but_not_what_was_sold(context: Flask) -> None:
    programme, _shop, given = build.scene()
    gerda = transact(people.clerk, programme.issuer_id)
    transact(
        gate.record_supervision, programme.id, position="asked", reference="Nachfrage der Aufsicht", person_id=gerda
    )
    assert programme.id not in {p.id for p in programmes.list_on_sale()}
    with pytest.raises(errors.Refused):
        transact(gate.launch, programme.id, person_id=gerda)
    assert session.get_one(Voucher, given.voucher_id).state == "active"
    issuing.issue(
        programme.id,
        20_00,
        funding=build.paid_in(programme.id, 20_00),
        actor_id=uuid4(),
        key=str(uuid4()),
    )  # was being paid
    session.commit()


@pytest.mark.parametrize(
    ("rates", "reason"),
    [
        ([], "one_shop"),
        (["7,19"], "one_shop"),
        (["19", "19"], "one_rate"),
        (["", ""], "rates_unknown"),
        (["7", "7"], "one_rate"),
    ],
)
def test_one_shop_or_one_rate_is_a_single_purpose_and_blocked_with_its_reason(
    context: Flask, rates: list[str], reason: str
) -> None:
    def lay() -> Programme:
        made = build.programme(partners=False)
        for rate in rates:
            programmes.accept(made.id, build.outlet().id, vat_rates=rate)
        return made

    programme = transact(lay)
    gerda = transact(people.clerk, programme.issuer_id)
    assert purpose.find_single_purpose([programme.id]) == {programme.id: reason}
    with pytest.raises(errors.Refused) as refused:
        transact(gate.record_vat, programme.id, reference=NOTE, person_id=gerda)
    assert refused.value.code == f"single_purpose_{reason}"
    assert "UStG" in str(refused.value.sentence)


@pytest.mark.parametrize("rates", [["7", "19"], ["7,19", "19"], ["7,19", "7,19"], ["0", "7"]])
def test_several_shops_at_several_rates_are_a_multi_purpose_voucher(context: Flask, rates: list[str]) -> None:
    programme = transact(build.programme, partners=False)
    for rate in rates:
        transact(programmes.accept, programme.id, transact(build.outlet).id, vat_rates=rate)
    assert purpose.find_single_purpose([programme.id]) == {}


def test_a_programme_is_off_sale_while_a_leaving_shop_leaves_it_with_one(context: Flask) -> None:
    programme = transact(build.programme)
    first, second = (outlet.id for _row, outlet in queries_of(programme))
    gate.require_on_sale(programme)
    transact(agreements.end, programme.id, first, by="shop", reason="Wir hören auf")
    assert programme.id not in {p.id for p in programmes.list_on_sale()}
    with pytest.raises(errors.Refused) as refused:
        gate.require_on_sale(programme)
    assert (refused.value.code, refused.value.details) == ("not_on_sale", {"reason": "one_shop"})
    transact(programmes.accept, programme.id, first, vat_rates="7,19")
    assert second
    assert programme.id in {p.id for p in programmes.list_on_sale()}


def queries_of(programme: Programme) -> list[tuple[object, object]]:
    """Agreements with their shops."""
    return list(agreements.queries.list_agreements(programme.id))


@pytest.mark.parametrize(
    ("iban", "holder"),
    [
        ("DE00370400440532013000", "Treuhand"),
        ("NL91ABNA0417164300", "Treuhand"),
        ("", "Treuhand"),
        ("x" * 500, "Treuhand"),
    ],
)
def test_an_account_that_cannot_be_is_refused(context: Flask, iban: str, holder: str) -> None:
    programme = transact(build.programme)
    gerda = transact(people.clerk, programme.issuer_id)
    with pytest.raises(errors.Invalid) as refused:
        transact(trust.propose, programme.issuer_id, iban=iban, holder="Treuhand", person_id=gerda, reason="Neue Bank")
    assert refused.value.details["field"] == "iban"


def test_terms_are_kept_with_version_and_hash_and_never_twice_under_one_name(context: Flask) -> None:
    programme = transact(build.programme)
    gerda = transact(people.clerk, programme.issuer_id)
    first = {"kind": "shop", "version": "2026-1", "person_id": gerda}
    made = transact(gate.record_terms, programme.id, text=people.TERMS, **first)
    assert made.hash == hashlib.sha256(people.TERMS.encode()).digest()
    with pytest.raises(errors.Invalid):
        transact(
            gate.record_terms, programme.id, kind="shop", version="2026-1", text=people.TERMS + "!", person_id=gerda
        )
    agreed = transact(programmes.accept, programme.id, transact(build.outlet).id)
    assert (agreed.terms_version, agreed.terms_hash) == ("2026-1", made.hash)
