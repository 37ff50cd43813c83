"""Files made to keep the importer busy, and numbers that are none."""

import time

import pytest
from flask import Flask

from marketplace.catalogue.importing import woocommerce
from marketplace.catalogue.importing.reading import MAX_CELL_CHARS, CsvRow


def row(**cells: str) -> CsvRow:
    return CsvRow(2, {"type": "simple", "sku": "a1", "name": "Brett", "regular price": "3,00", **cells})


@pytest.mark.parametrize("piece", ["<br", "<", "< /p", "&amp;", "_a ", "1x", "(", " ", "\\n", "<b>"])
def test_no_cell_keeps_the_importer_busy(context: Flask, piece: str) -> None:
    bomb = (piece * MAX_CELL_CHARS)[:MAX_CELL_CHARS]
    began = time.process_time()
    for column in ("name", "description", "zutaten", "allergene", "inhalt", "stock", "regular price"):
        woocommerce.interpret_row(row(**{column: bomb}))
    assert time.process_time() - began < 3


@pytest.mark.parametrize("text", ["²", "9" * 5000, "-²", "1e9", "٣"])
def test_a_stock_that_is_no_number_is_said_and_crashes_nothing(context: Flask, text: str) -> None:
    said = woocommerce.interpret_row(row(stock=text))
    assert said.wrong
    assert "on_hand" not in said.values
