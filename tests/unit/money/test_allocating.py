"""Spreading sums to the cent, for any amounts: over vouchers and methods, and back over shares."""

from types import SimpleNamespace
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from foundation.config import settings
from money.methods import card
from money.payments import methods, refunding
from money.payments.methods import MethodOffer
from money.payments.payables import Allowance, AmountDue, MoneyKind, Rail, Share
from money.payments.tendering import allocate

cents = st.integers(min_value=1, max_value=500_00)
shares = st.lists(cents, min_size=1, max_size=5).filter(lambda amounts: sum(amounts) >= 50)


def owed_of(amounts: list[int]) -> AmountDue:
    made = tuple(Share(uuid4(), None, uuid4(), amount, "Anteil") for amount in amounts)
    allows = Allowance(frozenset(MoneyKind))
    return AmountDue(sum(amounts), "Test", made, Rail.SELLER, uuid4(), "a@example.org", allows=allows)


@given(shares, st.lists(st.tuples(cents, st.lists(st.booleans(), min_size=5, max_size=5)), max_size=4))
def test_wishes_make_up_the_sum_and_exceed_neither_share_nor_voucher(
    amounts: list[int], vouchers: list[tuple[int, list[bool]]]
) -> None:
    assert settings().stripe_secret_key
    methods.register_external(card.METHOD, refund=card.METHOD.refund)
    owed = owed_of(amounts)
    accepts = {}
    offers = []
    for available, accepted in vouchers:
        per_share = {share.ref_id: share.cents for share, yes in zip(owed.shares, accepted, strict=False) if yes}
        offers.append(MethodOffer("voucher", "Gutschein", uuid4(), available, per_share))
        accepts[offers[-1].reference] = (available, per_share)
    wishes = allocate(owed, offers, "card")
    assert sum(wish.cents for wish in wishes) == owed.cents
    assert all(wish.cents > 0 for wish in wishes)
    own = [wish for wish in wishes if wish.method == "voucher"]
    assert len({(wish.reference, wish.share_ref) for wish in own}) == len(own)
    for reference, (available, per_share) in accepts.items():
        used = [wish for wish in own if wish.reference == reference]
        assert sum(wish.cents for wish in used) <= available
        assert {wish.share_ref for wish in used} <= set(per_share)
    for share in owed.shares:
        assert sum(wish.cents for wish in own if wish.share_ref == share.ref_id) <= share.cents
    assert [wish.cents >= 50 for wish in wishes if wish.method == "card"] in ([], [True])


@given(shares, st.integers(0, 60))
def test_a_card_never_gets_less_than_it_can_take(amounts: list[int], rest: int) -> None:
    methods.register_external(card.METHOD, refund=card.METHOD.refund)
    owed = owed_of(amounts)
    offers = [MethodOffer("voucher", "Gutschein", uuid4(), max(0, owed.cents - rest))]
    wishes = allocate(owed, offers, "card")
    wanted = 0 if rest == 0 else min(max(rest, 50), owed.cents)
    assert sum(wish.cents for wish in wishes if wish.method == "card") == wanted
    assert sum(wish.cents for wish in wishes) == owed.cents


@given(st.lists(st.tuples(cents, st.integers(0, 500_00)), min_size=1, max_size=5), st.data())
def test_a_refund_is_split_over_what_is_left_to_the_cent(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = [
        SimpleNamespace(share=SimpleNamespace(ref_id=uuid4()), cents=own, refunded_cents=min(own, back))
        for own, back in parts
    ]
    left: dict[UUID, int] = {row.share.ref_id: row.cents - row.refunded_cents for row in rows}
    total = sum(left.values())
    if total == 0:
        return
    wanted = data.draw(st.integers(1, total))
    split = refunding._split(SimpleNamespace(parts=rows), wanted, None)  # type: ignore[arg-type]
    assert sum(split.values()) == wanted
    assert all(0 < part <= left[ref] for ref, part in split.items())
