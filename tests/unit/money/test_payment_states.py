"""The tables of states, and what the provider's objects say about a call."""

import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import Dispute

from money.payments import applying, states
from money.payments.reading import next_state
from money.stripe.gateway import ProviderState

TABLES = {
    "payment": states.PAYMENT,
    "tender": states.TENDER,
    "call": states.CALL,
    "refund": states.REFUND,
}
INTENTS = (
    None,
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
)
CHECKOUTS = (None, "open", "complete", "expired")
KINDS = ("authorise", "collect", "capture", "void", "expire")


@pytest.mark.parametrize("name", TABLES)
def test_every_step_leads_to_a_state_that_has_steps_of_its_own(name: str) -> None:
    table = TABLES[name]
    assert {to for steps in table.values() for to in steps} <= set(table)


@pytest.mark.parametrize("name", TABLES)
def test_a_step_that_no_table_allows_is_refused_and_changes_nothing(name: str) -> None:
    for start, allowed in TABLES[name].items():
        for to in set(TABLES[name]) - allowed:
            row = SimpleNamespace(id=uuid4(), state=start)
            with pytest.raises(states.NoSuchStep):
                states.move(TABLES[name], row, to)
            assert row.state == start


def test_a_decided_payment_never_becomes_open_again() -> None:
    reached, edge = set(), {"committing"}
    while edge:
        reached |= edge
        edge = {to for state in edge for to in states.PAYMENT[state]} - reached
    assert reached & {"open", "pending"} == set()


@given(
    st.sampled_from(KINDS), st.sampled_from(INTENTS), st.sampled_from(CHECKOUTS), st.sampled_from(list(states.TENDER))
)
def test_success_is_only_read_from_objects_that_say_it(
    kind: str, intent: str | None, checkout: str | None, tender: str
) -> None:
    said = next_state(kind, ProviderState(intent_status=intent, session_status=checkout), tender)
    proofs = {
        "authorise": intent in {"requires_capture", "succeeded"},
        "collect": intent == "succeeded",
        "capture": intent == "succeeded",
        "void": intent == "canceled",
        "expire": checkout == "expired",
    }
    assert (said == "succeeded") == proofs[kind]
    if intent in {"processing", "succeeded", "requires_capture"} and kind in {"authorise", "collect"}:
        assert said != "failed" or intent == "processing" or checkout == "expired"
    assert said in {None, "succeeded", "failed", "pending"}


def test_a_debit_under_way_has_not_failed_even_when_its_page_is_over() -> None:
    for checkout in CHECKOUTS:
        assert (
            next_state("collect", ProviderState(intent_status="processing", session_status=checkout), "planned")
            == "pending"
        )


def test_a_debit_that_came_back_is_told_from_one_that_was_never_given() -> None:
    came_back = ProviderState(intent_status="requires_payment_method", session_status="complete")
    not_yet = ProviderState(intent_status="requires_payment_method", session_status="open")
    assert next_state("collect", came_back, "processing") == "failed"
    assert next_state("collect", not_yet, "planned") == "pending"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("succeeded", "succeeded"),
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("failed", "failed"),
        ("canceled", "failed"),
        (None, None),
        ("new_word", None),
    ],
)
def test_refunds_are_read_word_by_word(status: str | None, said: str | None) -> None:
    assert next_state("refund", ProviderState(refund_status=status), "captured") == said


def test_every_outcome_of_every_call_has_its_step() -> None:
    """`planned`, `sent` and `unknown` are on the way to one. Its control: a missing line is found."""
    wanted = {(kind, state) for kind in states.CallKind for state in set(states.CallState) - states.UNANSWERED}
    assert set(applying.STEPS) == wanted
    assert wanted - (set(applying.STEPS) - {(states.CallKind.REFUND, states.CallState.FAILED)})


def test_every_word_of_the_provider_for_a_dispute_is_known() -> None:
    """As the installed package lists them; its control: a made-up one is not."""
    shown = Dispute.__annotations__["status"]
    assert set(re.findall(r"[\"']([a-z_]+)[\"']", str(shown))) <= set(states.DISPUTE_STATES)
    assert "shrugged_off" not in states.DISPUTE_STATES
