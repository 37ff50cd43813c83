"""Reads a page as somebody who knows no German would: which of its words are German?

Elements that say `lang="de"` are German on purpose (names of goods, stories of shops); scripts and styles are no words.
"""

import re
from html.parser import HTMLParser

# Words that every German sentence is held together by, and that no English one has.
WORDS = """
aber als auch auf aus bei beim bitte das dem der des dieser dieses diesem diesen durch ein eine
einem einen einer es für gerade gibt haben heute hier ihnen ihr ihre ihrem ihren ihrer im ist je
jetzt kann kein keine keinen können mehr mit morgen nach nicht noch nur oder schon sich sie sind
über uhr und vom von wann wenn werden wie wir wird wo zu zum zur zurück
"""
GERMAN = frozenset(WORDS.split())
WORD = re.compile(r"(?<![\w./=-])[a-zäöüß]+(?![\w/=-])")
SPOKEN = ("alt", "title", "aria-label", "placeholder", "label")
EMPTY = frozenset({"area", "br", "circle", "col", "hr", "img", "input", "line", "link", "meta", "path", "rect", "use"})


class _Page(HTMLParser):
    """Collects what is shown or read out."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        silent = tag in {"script", "style"} or (tag != "html" and given.get("lang") == "de")
        silent = silent or any(hidden for _tag, hidden in self.open)
        if not silent:
            self.said += [given[name] for name in SPOKEN if name in given]
            self.said += [value for name, value in given.items() if name.startswith("data-")]
            self.said += [given.get("content", "")] if given.get("name") == "description" else []
        if tag not in EMPTY:
            self.open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _silent) in enumerate(self.open) if name == tag]
        if places:
            del self.open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if not any(silent for _tag, silent in self.open):
            self.said.append(data)


def said(html: str) -> list[str]:
    """All texts of a page that are not marked as German."""
    page = _Page()
    page.feed(html)
    return [" ".join(text.split()) for text in page.said if text.strip()]


def german(html: str) -> list[str]:
    """The texts of a page in which a German word stands unmarked. Pieces of addresses and codes are no words."""
    return [text for text in said(html) if GERMAN & set(WORD.findall(text.lower()))]
