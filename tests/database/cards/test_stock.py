"""Batches and where their cards are: secrets once, ranges whole or not at all."""

import csv
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import DomainError, Invalid, Refused
from people.models import Person
from tests.builders import approvals
from tests.builders import cards as build_cards
from tests.builders import vouchers as build
from tests.builders.booking import findings
from tests.builders.threads import at_once
from vouchers.cards import batches, movements, queries
from vouchers.cards.batches import PrintedCard
from vouchers.cards.models import CardBatch, CardSale, Counter, StockCard
from vouchers.cards.movements import CardMove
from vouchers.cards.numbers import format_barcode, format_number, read_number
from vouchers.cards.states import CardMovementKind
from vouchers.stored_value import codes


def states(cards: list[PrintedCard]) -> list[str]:
    session.expire_all()
    serials = [read_number(card.number) for card in cards]
    query = sa.select(StockCard.state).where(StockCard.serial.in_(serials)).order_by(StockCard.serial)
    return list(session.scalars(query))


def move(
    kind: str,
    cards: list[PrintedCard],
    ground: build_cards.Scene,
    counter_id: UUID | None = None,
    issuer_id: UUID | None = None,
) -> int:
    return transact(
        movements.move_cards,
        CardMove(CardMovementKind(kind), cards[0].number, cards[-1].number, counter_id, "weil es so ist"),
        issuer_id=issuer_id or ground.programme.issuer_id,
        by="test",
    )


def test_a_batch_knows_only_hashes_and_its_file_everything(context: Flask) -> None:
    programme = build.programme()
    made = transact(
        batches.make_batch,
        programme.id,
        name=" Weihnachten  2026 ",
        count=3,
        face_cents=25_00,
        made_by="test",
        key="k1",
    )
    lines = list(csv.reader("".join(batches.write_print_file(made.cards)).splitlines(), delimiter=";"))
    assert [len(line) for line in lines] == [5, 5, 5, 5]
    for line, card in zip(lines[1:], made.cards, strict=True):
        stored = session.scalars(sa.select(StockCard).where(StockCard.serial == read_number(line[0]))).unique().one()
        assert line == [card.number, format_barcode(stored.serial), card.address, card.code, card.pin]
        known = codes.hash_secrets(codes.read_token(card.address) or "", card.code, card.pin)
        assert (stored.token_hash, stored.code_hash, stored.pin_hash) == (known.token, known.code, known.pin)
        assert (stored.state, stored.voucher_id) == ("stock", None)
    batch = session.get_one(CardBatch, made.batch_id)
    assert (batch.name, batch.count, format_number(batch.first_serial)) == ("Weihnachten 2026", 3, made.cards[0].number)
    with pytest.raises(Refused) as again:
        transact(batches.make_batch, programme.id, name="x", count=3, face_cents=None, made_by="test", key="k1")
    assert again.value.code == "already_made"


@pytest.mark.parametrize(
    ("count", "face", "name"), [(0, None, "a"), (5001, None, "a"), (1, 251_00, "a"), (1, 1, "a"), (1, None, " ")]
)
def test_what_could_not_be_sold_is_not_made(context: Flask, count: int, face: int | None, name: str) -> None:
    programme = build.programme()
    before = session.scalar(sa.select(sa.func.count()).select_from(StockCard))
    with pytest.raises(Invalid):
        transact(
            batches.make_batch, programme.id, name=name, count=count, face_cents=face, made_by="t", key=str(uuid4())
        )
    assert session.scalar(sa.select(sa.func.count()).select_from(StockCard)) == before


def test_five_thousand_cards_are_made_in_one_go(context: Flask) -> None:
    cards = transact(build_cards.batch, build.programme().id, 5000)
    assert (len({c.number for c in cards}), len({c.code for c in cards})) == (5000, 5000)
    assert states(cards) == ["stock"] * 5000


def test_batches_made_at_once_share_no_number(app: Flask, context: Flask) -> None:
    programme_id = build.programme().id
    session.commit()
    made = at_once(app, lambda _n: transact(build_cards.batch, programme_id, 50), range(6))
    assert len({card.number for cards in made for card in cards}) == 300


def test_cards_go_to_a_counter_and_home_again(context: Flask) -> None:
    ground = build_cards.scene()
    cards = transact(build_cards.batch, ground.programme.id, 4)
    assert move("sent", cards, ground, counter_id=ground.counter_id) == 4
    assert queries.list_ranges_on_the_way(ground.counter_id) == [
        (read_number(cards[0].number), read_number(cards[-1].number), 4)
    ]
    assert move("received", cards[:2], ground, counter_id=ground.counter_id) == 2
    assert states(cards) == ["received", "received", "sent", "sent"]
    assert queries.list_ranges_on_the_way(ground.counter_id) == [
        (read_number(cards[2].number), read_number(cards[3].number), 2)
    ]
    move("returned", cards, ground)
    assert states(cards) == ["stock"] * 4
    assert queries.count_stock(ground.counter_id) == {"received": 5}


def test_a_range_moves_whole_or_not_at_all(context: Flask) -> None:
    ground, other = build_cards.scene(), build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[2])
    before = states(ground.cards)
    for kind in ("lost", "destroyed", "returned", "sent", "found"):
        with pytest.raises(Refused) as refused:
            move(kind, ground.cards, ground, counter_id=ground.counter_id if kind == "sent" else None)
        assert refused.value.code == "range_not_whole"
    with pytest.raises(DomainError):
        move("lost", other.cards, ground)
    with pytest.raises(DomainError):
        move("sent", ground.cards, ground, counter_id=other.counter_id)
    assert (states(ground.cards), states(other.cards)) == (before, ["received"] * 5)


def test_another_counter_cannot_receive_what_was_not_sent_there(context: Flask) -> None:
    ground = build_cards.scene()
    other = build_cards.counter(ground.programme.issuer_id)
    cards = transact(build_cards.batch, ground.programme.id, 2)
    move("sent", cards, ground, counter_id=ground.counter_id)
    with pytest.raises(Refused):
        move("received", cards, ground, counter_id=other)
    assert states(cards) == ["sent", "sent"]


def test_a_lost_card_is_blocked_until_it_is_found(context: Flask) -> None:
    ground = build_cards.scene()
    move("lost", ground.cards[:1], ground)
    with pytest.raises(Refused) as refused:
        transact(build_cards.sell, ground, ground.cards[0])
    assert refused.value.code == "card_blocked"
    move("found", ground.cards[:1], ground)
    move("sent", ground.cards[:1], ground, counter_id=ground.counter_id)
    assert transact(build_cards.sell, ground, ground.cards[0]).cents == 50_00


def test_losing_and_selling_at_once_never_both(app: Flask, context: Flask) -> None:
    ground = build_cards.scene()
    for card in ground.cards:

        def act(what: str, card: PrintedCard = card) -> object:
            return move("lost", [card], ground) if what == "lost" else transact(build_cards.sell, ground, card)

        lost, sold = at_once(app, act, ["lost", "sell"])
        assert (lost == 1) != isinstance(sold, CardSale)
    assert findings() == []


def test_ranges_and_reasons_are_checked(context: Flask) -> None:
    ground = build_cards.scene()
    first, last = ground.cards[0].number, ground.cards[-1].number
    for kind, begin, end, reason in (
        ("lost", "", "", "weg"),
        ("lost", last, first, "weg"),
        ("lost", first, format_number(99_999_999), "weg"),
        ("lost", first, last, ""),
        ("destroyed", first, last, "x" * 201),
    ):
        with pytest.raises(Invalid):
            transact(
                movements.move_cards,
                CardMove(CardMovementKind(kind), begin, end, reason=reason),
                issuer_id=ground.programme.issuer_id,
                by="test",
            )
    assert states(ground.cards) == ["received"] * 5


def test_the_command_writes_a_file_that_only_its_owner_reads_and_never_over_another(
    app: Flask, context: Flask, tmp_path: Path
) -> None:
    programme = build.programme()
    person = session.get_one(Person, approvals.clerk(programme.issuer_id))
    session.commit()
    target = tmp_path / "karten.csv"
    words = ["vouchers", "cards", "make", "--programme", programme.slug, "--count", "7", "--name", "Probe"]
    words += ["--by", person.email, "--out", str(target)]
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    assert (target.stat().st_mode & 0o777, len(target.read_text().splitlines())) == (0o600, 8)
    count = sa.select(sa.func.count()).select_from(StockCard)
    before = session.scalar(count)
    again = app.test_cli_runner().invoke(args=words)
    assert again.exit_code != 0
    stranger = app.test_cli_runner().invoke(args=[*words[:-4], "--by", "nobody@example.org", "--out", "x"])
    assert stranger.exit_code != 0
    assert session.scalar(count) == before


def damage(sql: str, **values: object) -> list[str]:
    session.execute(sa.text(sql), values)
    session.commit()
    return [code for code in findings() if code.startswith("V-2")]


def test_the_proof_finds_each_kind_of_damage(own_database: Flask) -> None:
    ground = build_cards.scene()
    sale = transact(build_cards.sell, ground, ground.cards[0])
    assert findings() == []
    assert damage("UPDATE counter SET open_cents = open_cents + 1 WHERE id = :c", c=ground.counter_id) == ["V-23"]
    damage("UPDATE counter SET open_cents = open_cents - 1 WHERE id = :c", c=ground.counter_id)
    assert damage("UPDATE stock_card SET state = 'destroyed' WHERE id = :c", c=sale.card_id) == ["V-22"]
    damage("UPDATE stock_card SET state = 'activated' WHERE id = :c", c=sale.card_id)
    copied = (
        "UPDATE stock_card SET voucher_id = NULL, state = 'stock' WHERE id = :c"  # a card in stock that has a voucher
    )
    assert damage(copied, c=sale.card_id) == ["V-21", "V-22"]
    assert session.get_one(Counter, ground.counter_id).receipts == 1
