"""How templates become pages: indented for those who write them, without their indentation for those who load them.

Templates are laid out by machine (decision 0602); their indentation is a tenth of a page. It is taken away once, when a
template is compiled. Templates with elements that keep white space are left as they are.
"""

import re

from flask import Flask
from jinja2.ext import Extension

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
KEEPS_WHITE_SPACE = re.compile(r"<(pre|textarea)\b")


class Unindented(Extension):
    """Takes the indentation out of a page's template before Jinja reads it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Give the source without indentation; of texts, and of pages with `pre` or `textarea`, as it is."""
        if not (name or "").endswith(".html") or KEEPS_WHITE_SPACE.search(source):
            return source
        return INDENTATION.sub("", source)


def plug(app: Flask) -> None:
    """Let every template of the application be read this way."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)
