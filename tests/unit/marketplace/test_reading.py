"""Files become rows: encodings, delimiters, limits, and what is no list at all."""

import pytest

from foundation.errors import Invalid
from marketplace.catalogue.importing.reading import MAX_FILE_BYTES, read_rows
from marketplace.catalogue.importing.woocommerce import strip_markup, unescape_formula


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_umlauts_survive_every_dialect(encoding: str, delimiter: str) -> None:
    data = delimiter.join(["SKU", "Name"]) + "\r\n" + delimiter.join(["1", "Müsli für Käuze"]) + "\r\n"
    assert [row.cells for row in read_rows(data.encode(encoding))] == [{"sku": "1", "name": "Müsli für Käuze"}]


def test_lines_are_counted_as_an_editor_counts() -> None:
    data = b'SKU,Name\n1,"zwei\nZeilen"\n\n2,x\n'
    assert [row.line for row in read_rows(data)] == [2, 5]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"  \n ", "file_empty"),
        (b"SKU,Name\n", "no_rows"),
        (b"PK\x03\x04zip", "file_is_excel"),
        (b"a,b\x00c\n1,2", "file_not_csv"),
        (b"just one column\nx", "header_missing"),
        (b'SKU,Name\n1,"offen', "line_not_readable"),
        (b"SKU,Name\n\x81\x8d,\x9d", "file_encoding_unknown"),
        (b"x" * (MAX_FILE_BYTES + 1), "file_too_large"),
        (b"SKU,Name\n" + b"1,x\n" * 5001, "too_many_rows"),
    ],
)
def test_what_is_no_list_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_rows(data)
    assert caught.value.code == code


def test_an_unclosed_quote_is_named_with_its_line() -> None:
    with pytest.raises(Invalid) as caught:
        read_rows(b'SKU,Name\n1,a\n2,"offen\n3,b\n')
    assert caught.value.details["line"] == 3


def test_five_thousand_rows_are_read() -> None:
    assert len(read_rows(b"SKU,Name\n" + b"1,x\n" * 5000)) == 5000


def test_markup_is_taken_out() -> None:
    text = "<p>Gut &amp; günstig</p><script>alert(1)</script><b onclick='x'>fett</b>\\nneu"
    assert strip_markup(text) == "Gut & günstig\nfett\nneu"


def test_the_apostrophe_before_formulas_is_taken_off() -> None:
    assert unescape_formula("'=1+1") == "=1+1"
    assert unescape_formula("'s Brot") == "'s Brot"
