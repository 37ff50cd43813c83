"""How templates become pages: indented for those who write them, and lean for those who load them.

Templates are laid out by machine (decision 0602); their indentation is a tenth of a page. It is made small once, when a
template is compiled, to one space: after a block, whose line end Jinja trims, it is what keeps two words apart.
Templates with elements that keep white space are left as they are.
"""

import re

from flask import Flask
from jinja2 import Undefined
from jinja2.ext import Extension

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
KEEPS_WHITE_SPACE = re.compile(r"<(pre|textarea)\b")


class LeanLayout(Extension):
    """Makes every indentation of a page's template one space before Jinja reads it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Give the source with one space for an indentation; texts, and pages with `pre` or `textarea`, as they are."""
        if not (name or "").endswith(".html") or KEEPS_WHITE_SPACE.search(source):
            return source
        return INDENTATION.sub(" ", source)


class MissingPredicate(Undefined):
    """What is missing in a template is empty, but a predicate (`is_open`) that nobody handed over is a fault: as False
    it would hide a button or a warning, and nobody would notice."""

    def __bool__(self) -> bool:
        if re.match(r"(is|has|can|needs|covers)_", str(self._undefined_name)):
            self._fail_with_undefined_error()
        return False


def plug(app: Flask) -> None:
    """Make the application read every template in this way."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = MissingPredicate
    app.jinja_env.add_extension(LeanLayout)
