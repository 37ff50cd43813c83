"""Format the style sheets: one selector, one declaration a line.

`--check` changes nothing and names the sheets that are not formatted.
cssbeautifier does the work (decision 0602). Files of others (static/vendor) keep the form that they came in.
"""

import re
import sys
from pathlib import Path

import cssbeautifier

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
OPTIONS = cssbeautifier.default_options()
OPTIONS.indent_with_tabs = True
OPTIONS.end_with_newline = True
OPTIONS.space_around_combinator = True
LAST_WITHOUT_SEMICOLON = re.compile(r"([^\s;{}/])(\n\s*\})")
BLANK_AFTER_BRACE = re.compile(r"\{\n\n")


def style_sheets() -> list[Path]:
    """Every style sheet of our own."""
    return sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.relative_to(STATIC).parts)


def formatted(text: str) -> str:
    """The sheet in the one form; formatting it again changes nothing."""
    laid_out = cssbeautifier.beautify(text, OPTIONS)
    return BLANK_AFTER_BRACE.sub("{\n", LAST_WITHOUT_SEMICOLON.sub(r"\1;\2", laid_out))


def main(arguments: list[str]) -> int:
    """Write the formatted sheets, or with `--check` name those that are not and answer 1."""
    unformatted = []
    for path in style_sheets():
        text = path.read_text(encoding="utf-8")
        if formatted(text) == text:
            continue
        unformatted.append(path.relative_to(ROOT))
        if "--check" not in arguments:
            path.write_text(formatted(text), encoding="utf-8")
    if "--check" not in arguments:
        return 0
    for path in unformatted:
        print(f"{path}: not formatted; make format does it", file=sys.stderr)
    return 1 if unformatted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
