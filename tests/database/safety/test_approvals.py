"""Two people for everything that makes, changes or ends value: also against a clerk who means harm."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from foundation.database import session, transact
from foundation.errors import DomainError, Invalid, NotAllowed, NotFound, Refused
from foundation.models import AuditRecord
from people.models import Membership, Person
from tests.builders import approvals as by_two
from tests.builders import vouchers as build
from tests.builders.threads import at_once
from vouchers.approvals import deciding, kinds, proposing, queries
from vouchers.approvals.models import Proposal
from vouchers.stored_value.models import Programme

DONE: list[UUID] = []


def act(proposal: Proposal) -> None:
    if proposal.details.get("impossible"):
        raise Refused("Das geht nicht mehr.", "not_any_more")
    DONE.append(proposal.id)


@pytest.fixture(autouse=True)
def practice(context: Flask) -> Iterator[None]:
    """A kind of its own, which notes what it did."""
    kinds.register(kinds.ProposalKind("practice", "Übung", act, lambda p: [("Stückzahl", str(p.details.get("n", 1)))]))
    kinds.register(kinds.ProposalKind("practice_later", "Übung", act, lambda p: [], carried_out_later=True))
    DONE.clear()
    yield
    session.rollback()
    kinds._kinds.pop("practice")
    kinds._kinds.pop("practice_later")


def ground() -> tuple[Programme, by_two.Two]:
    programme = build.programme()
    return programme, by_two.two(programme.issuer_id)


def state(proposal_id: UUID) -> str:
    session.expire_all()
    return session.get_one(Proposal, proposal_id).state


def test_what_one_proposes_and_another_approves_is_done_once(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first, cents=500)
    assert (state(made), DONE) == ("proposed", [])
    transact(deciding.approve, made, people.second)
    assert (state(made), DONE) == ("done", [made])
    with pytest.raises(Refused) as again:
        transact(deciding.approve, made, people.second)
    assert (again.value.code, DONE) == ("already_decided", [made])
    verbs = session.scalars(
        sa.select(AuditRecord.verb).where(AuditRecord.subject_id == made).order_by(AuditRecord.recorded_at)
    )
    assert list(verbs) == ["proposal.made", "proposal.approved"]


def test_nobody_approves_or_declines_their_own_proposal(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    for action in (deciding.approve, lambda p, who: deciding.decline(p, who, "doch nicht")):
        with pytest.raises(NotAllowed) as refused:
            transact(action, made, people.first)
        assert refused.value.code == "own_proposal"
    assert (state(made), DONE) == ("proposed", [])


def test_the_database_itself_refuses_one_person_as_two(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    with pytest.raises(IntegrityError) as refused:
        session.execute(
            sa.update(Proposal)
            .where(Proposal.id == made)
            .values(state="done", decided_by=people.first, decided_at=sa.func.now(), done_at=sa.func.now())
        )
    assert "by_two" in str(refused.value)
    session.rollback()
    assert state(made) == "proposed"


def test_people_of_another_issuer_neither_propose_nor_decide_nor_see(context: Flask) -> None:
    programme, people = ground()
    other, strangers = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    with pytest.raises(NotAllowed):
        by_two.proposed("practice", programme.id, strangers.first)
    for action in (deciding.approve, lambda p, who: deciding.decline(p, who, "doch nicht")):
        with pytest.raises(NotAllowed):
            transact(action, made, strangers.second)
    assert (state(made), DONE) == ("proposed", [])
    assert [t.proposal.id for t in queries.list_waiting([programme.issuer_id])] == [made]
    assert queries.list_waiting([other.issuer_id]) == []
    with pytest.raises(NotFound):
        queries.load_one(made, [other.issuer_id])


def test_who_left_or_was_shut_out_decides_nothing(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    session.execute(sa.update(Person).where(Person.id == people.second).values(active=False))
    session.commit()
    with pytest.raises(NotAllowed):
        transact(deciding.approve, made, people.second)
    left = by_two.clerk(programme.issuer_id)
    session.execute(sa.delete(Membership).where(Membership.person_id == left))
    session.commit()
    with pytest.raises(NotAllowed):
        transact(deciding.approve, made, left)
    assert (state(made), DONE) == ("proposed", [])


@pytest.mark.parametrize("role", ["auditor", "operator", "retailer_owner"])
def test_other_roles_decide_nothing(context: Flask, role: str) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    person = by_two.clerk(programme.issuer_id, role)
    session.commit()
    with pytest.raises(NotAllowed):
        transact(deciding.approve, made, person)
    assert DONE == []


def test_what_was_declined_stays_declined_with_its_reason(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    with pytest.raises(Invalid):
        transact(deciding.decline, made, people.second, " x ")
    transact(deciding.decline, made, people.second, "Beleg fehlt")
    with pytest.raises(Refused):
        transact(deciding.approve, made, people.second)
    told = queries.list_decided([programme.issuer_id])[0]
    assert (told.proposal.state, told.proposal.decision, told.decider) == ("declined", "Beleg fehlt", "Karla Amtmann")
    assert DONE == []


def test_a_deed_that_is_refused_leaves_the_proposal_open(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first, details={"impossible": True})
    with pytest.raises(Refused) as refused:
        transact(deciding.approve, made, people.second)
    assert (refused.value.code, state(made)) == ("not_any_more", "proposed")


def test_two_who_approve_in_the_same_moment_do_it_once(app: Flask, context: Flask) -> None:
    programme, people = ground()
    clerks = [people.second, *(by_two.clerk(programme.issuer_id) for _n in range(5))]
    session.commit()
    made = by_two.proposed("practice", programme.id, people.first)
    session.remove()
    answers = at_once(app, lambda who: transact(deciding.approve, made, who), clerks)
    assert sum(answer is None for answer in answers) == 1
    assert {getattr(a, "code", repr(a)) for a in answers if a is not None} == {"already_decided"}
    assert [made] == DONE


def test_the_same_key_proposes_once_and_for_the_same_thing_only(app: Flask, context: Flask) -> None:
    programme, people = ground()
    key = str(uuid4())
    session.remove()
    answers = at_once(
        app,
        lambda n: by_two.proposed("practice", programme.id, people.first, cents=700, details={"n": 2}, key=key),
        range(6),
    )
    assert len(set(answers)) == 1
    with pytest.raises(Refused) as other:
        by_two.proposed("practice", programme.id, people.first, cents=70_000, details={"n": 2}, key=key)
    assert other.value.code == "proposal_key_reused"


@pytest.mark.parametrize(
    "change", [{"cents": 99_999_00}, {"details": {"n": 1000}}, {"kind": "practice_later"}, {"reason": "etwas anderes"}]
)
def test_what_was_proposed_cannot_be_changed_before_the_approval(context: Flask, change: dict[str, object]) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first, cents=500, details={"n": 1})
    with pytest.raises(DBAPIError) as refused:
        session.execute(sa.update(Proposal).where(Proposal.id == made).values(change))
    assert "permission denied" in str(refused.value)
    session.rollback()
    with pytest.raises(DBAPIError):
        session.execute(sa.delete(Proposal).where(Proposal.id == made))
    session.rollback()


def test_a_decision_is_not_taken_back(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice", programme.id, people.first)
    transact(deciding.decline, made, people.second, "Beleg fehlt")
    for values in ({"state": "proposed", "decided_by": None, "decided_at": None}, {"decision": "doch gut"}):
        with pytest.raises(DBAPIError):
            session.execute(sa.update(Proposal).where(Proposal.id == made).values(values))
        session.rollback()


def test_nothing_begins_decided(context: Flask) -> None:
    programme, people = ground()
    for values in ({"state": "done"}, {"state": "approved"}):
        session.add(
            Proposal(
                kind="practice",
                issuer_id=programme.issuer_id,
                programme_id=programme.id,
                reason="an zwei Personen vorbei",
                key=str(uuid4()),
                proposed_by=people.first,
                decided_by=people.second,
                decided_at=sa.func.now(),
                done_at=sa.func.now() if values["state"] == "done" else None,
                **values,
            )
        )
        with pytest.raises(DBAPIError) as refused:
            session.flush()
        assert "begins undecided" in str(refused.value)
        session.rollback()


def test_a_deed_that_goes_on_is_approved_first_and_done_later(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice_later", programme.id, people.first)
    transact(deciding.approve, made, people.second)
    assert (state(made), DONE) == ("approved", [made])
    transact(deciding.finish, made)
    transact(deciding.finish, made)
    assert (state(made), DONE) == ("done", [made])


def test_nothing_is_finished_that_was_not_approved(context: Flask) -> None:
    programme, people = ground()
    made = by_two.proposed("practice_later", programme.id, people.first)
    with pytest.raises(DomainError):
        transact(deciding.finish, made)
    assert state(made) == "proposed"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"reason": "  ab "}, "reason_missing"),
        ({"reason": "x" * 501}, "reason_missing"),
        ({"cents": -1}, "proposal_amount_out_of_range"),
    ],
)
def test_a_proposal_needs_a_reason_and_a_possible_amount(context: Flask, values: dict[str, object], code: str) -> None:
    programme, people = ground()
    with pytest.raises(Invalid) as refused:
        by_two.proposed("practice", programme.id, people.first, **values)
    assert refused.value.code == code


def test_an_unknown_kind_is_refused(context: Flask) -> None:
    programme, people = ground()
    with pytest.raises(NotFound):
        by_two.proposed("free_money", programme.id, people.first)
    assert proposing.MAX_REASON_LENGTH == 500
