"""No paper and no mail about a sale ever states VAT, whatever people are called and write (§ 14c UStG)."""

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.database import session, transact
from foundation.errors import Invalid
from tests.builders import vouchers as build
from tests.builders.sales import html_of, last_mail, lines, order, papers_of, pay, text_of, wanted
from vouchers.purchases import wording
from vouchers.sales import delivery, drafts
from vouchers.stored_value.models import Programme

# Written apart from the rule that the shop uses: a rate or an amount next to a word for VAT, or VAT said to be in it.
WORD = r"(mwst|m\.w\.st|ust\b(?!g)|mehrwertsteuer|umsatzsteuer|vat\b|value added tax)"
VAT = re.compile(
    rf"\d+([.,]\d+)?\s*(%|prozent|percent)\s*\S{{0,3}}\s*{WORD}"
    rf"|{WORD}[\s:.=(]*\d+([.,]\d+)?\s*(%|€|eur)"
    rf"|(inkl|incl|including|enthaltene|zzgl)\S*\s+(\S+\s+){{0,2}}{WORD}",
    re.IGNORECASE,
)
STATEMENTS = (
    "inkl. 19 % MwSt",
    "19% USt.",
    "enthaltene Umsatzsteuer 6,79 €",
    "MwSt: 7 %",
    "including 19 % VAT",
    "USt 3,20 €",
    "zzgl. MwSt",
)
HARMLESS = (
    "Alles Gute",
    "100 % Liebe",
    "Für 19 Euro",
    "#eval(1)",
    "*fett* _kursiv_ $x^2$",
    "<b>&amp;</b>",
    "Kai\u202enak",
)
pieces = st.sampled_from(STATEMENTS + HARMLESS) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
written = st.lists(pieces, max_size=2).map(" ".join)


@pytest.fixture(scope="module")
def programme(app: Flask) -> Programme:
    with app.app_context():
        made: Programme = transact(build.programme)
        session.expunge_all()
        return made


def documents_of(order_id: Any) -> list[str]:
    """Every text that the buyer and the recipient of an order get."""
    buyer = order(order_id).buyer_email
    confirmation, voucher = last_mail("vouchers/confirmation", buyer), last_mail("vouchers/voucher", buyer)
    found = []
    for letter in (confirmation, voucher):
        markup = re.sub(r"<[^>]+>", " ", html_of(letter))
        found += [str(letter["Subject"]), text_of(letter), markup, *(text for _name, text in papers_of(letter))]
    return found


@settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck))
@given(message=written, buyer=written, recipient=written, language=st.sampled_from(["de", "en"]))
def test_no_document_of_a_sale_states_vat(
    context: Flask, programme: Programme, message: str, buyer: str, recipient: str, language: str
) -> None:
    wish = wanted(
        programme,
        gift=True,
        delivery="print",
        message=message[:400],
        buyer_name=buyer[:80],
        recipient_name=recipient[:80],
        recipient_language=language,
        language=language,
    )
    try:
        sale_id = transact(drafts.draft_sale, wish)
    except Invalid:
        assert any(wording.has_tax_statement(text) for text in (message, buyer, recipient))
        return
    pay(sale_id)
    transact(delivery.deliver_sale, str(sale_id))
    texts = documents_of(lines(sale_id)[0].order_id)
    assert len(texts) == 9
    for text in texts:
        assert not VAT.search(" ".join(text.split())), text


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_pattern_finds_what_must_not_be_there(statement: str) -> None:
    assert VAT.search(statement)
    assert wording.has_tax_statement(f"Liebe Oma, {statement}, dein Kai")


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_stay(text: str) -> None:
    assert not wording.has_tax_statement(text)


def test_what_people_write_is_shown_as_it_stands_and_is_no_source(context: Flask, programme: Programme) -> None:
    hostile = '#panic("x") #read("/etc/passwd") *a* $b$ \\ "quoted" ]] } <script>alert(1)</script> @ref // -- ~'
    wish = wanted(
        programme, gift=True, delivery="print", message=hostile, recipient_name='#image("x")', buyer_name="$\\pi$"
    )
    sale_id = transact(drafts.draft_sale, wish)
    pay(sale_id)
    transact(delivery.deliver_sale, str(sale_id))
    letter = last_mail("vouchers/voucher", wish.buyer_email)
    [(_name, paper)] = papers_of(letter)
    flat = "".join(paper.split())
    for piece in ('#panic("x")', '#read("/etc/passwd")', "$b$", "<script>alert(1)</script>", '#image("x")', "@ref"):
        assert "".join(piece.split()) in flat, (piece, paper)
    assert "root:" not in paper
    assert "<script>" not in html_of(letter)


def test_control_signs_are_not_kept_in_names(context: Flask, programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme, buyer_name="Anna\r\nBcc: x@example.org", cents=20_00))
    pay(sale_id)
    letter = last_mail("vouchers/confirmation", lines(sale_id)[0].buyer_email)
    assert letter["Bcc"] is None
