"""How templates become pages: indented for those who write them, and lean for those who load them.

Templates are laid out by machine (decision 0602); their indentation is a tenth of a page. It is made small once, when a
template is compiled, to one space: after a block, whose line end Jinja trims, it is what keeps two words apart.
Templates with elements that keep white space are left as they are.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from jinja2 import Undefined
from jinja2.ext import Extension
from jinja2.utils import missing

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
KEEPS_WHITE_SPACE = re.compile(r"<(pre|textarea)\b")


class LeanLayout(Extension):
    """Makes every indentation of a page's template one space before Jinja reads it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Give the source with one space for an indentation; texts, and pages with `pre` or `textarea`, as they are."""
        if not (name or "").endswith(".html") or KEEPS_WHITE_SPACE.search(source):
            return source
        return INDENTATION.sub(" ", source)


class Missing(Undefined):
    """What is missing in a template is empty: a field not sent yet, a key that a dictionary lacks. Not so a predicate
    (`is_open`) that nobody handed over, and what an object has never had (a misspelled or renamed attribute): those are
    faults, as they would hide a button, a sum or a warning, and nobody would notice."""

    def _is_fault(self) -> bool:
        if not isinstance(self._undefined_name, str):
            return False
        if re.match(r"(is|has|can|needs|covers)_", self._undefined_name):
            return True
        return self._undefined_obj is not missing and not isinstance(self._undefined_obj, Mapping)

    def __bool__(self) -> bool:
        if self._is_fault():
            self._fail_with_undefined_error()
        return False

    def __str__(self) -> str:
        if self._is_fault():
            self._fail_with_undefined_error()
        return ""

    def __iter__(self) -> Iterator[Any]:
        if self._is_fault():
            self._fail_with_undefined_error()
        return iter(())


def plug(app: Flask) -> None:
    """Make the application read every template in this way."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = Missing
    app.jinja_env.add_extension(LeanLayout)
