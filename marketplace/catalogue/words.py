"""From what people type to what full-text search understands. Decision 0401.

The `german` configuration stems, but knows neither compounds nor typing errors, and `unaccent` makes "Müsli" to
"musli", which "Muesli" is not. So the database keeps the words of the catalogue, in both spellings, with their stems
(`search_word`), and a word is looked up there first: itself, compounds that end or begin with it, its own last part,
and, when nothing is found, words that differ by a letter or two.
"""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from foundation.database import call
from marketplace.cache import cached
from marketplace.catalogue.drafts import fold

MAX_WORDS = 8
MAX_LEXEMES = 60
MAX_WORD_CHARS = 40
STOP_WORDS = """
aber als am an auf aus bei bis das dem den der des die ein eine einen einer eines es fuer fur im in ist mit nach
oder ohne per pro ueber uber um und vom von vor wie zu zum zur
"""
STOP = frozenset(STOP_WORDS.split())
# An index on the ending wants ranges it can see: '{' is the character after 'z'.
LOOK_UP = sa.text("""
SELECT asked.word, asked.lexeme,
  EXISTS (SELECT 1 FROM search_word s WHERE s.lexeme = asked.lexeme) AS known,
  ARRAY(SELECT DISTINCT s.lexeme FROM search_word s
         WHERE reverse(s.lexeme) ~>=~ reverse(asked.lexeme) AND reverse(s.lexeme) ~<~ (reverse(asked.lexeme) || '{')
           AND length(s.lexeme) >= length(asked.lexeme) + 3 AND length(asked.lexeme) >= 3 LIMIT 60) AS ending,
  ARRAY(SELECT DISTINCT s.lexeme FROM search_word s
         WHERE s.lexeme ~>~ asked.lexeme AND s.lexeme ~<~ (asked.lexeme || '{')
           AND length(asked.lexeme) >= 3 LIMIT 60) AS beginning,
  ARRAY(SELECT DISTINCT s.lexeme FROM generate_series(4, length(asked.lexeme) - 3) AS place
          JOIN search_word s ON s.lexeme = substr(asked.lexeme, place)) AS heads,
  ARRAY(SELECT s.word || ' ' || s.lexeme FROM search_word s
         WHERE NOT EXISTS (SELECT 1 FROM search_word k WHERE k.lexeme = asked.lexeme)
           AND (s.word % asked.word
                OR (s.lexeme ~>=~ left(asked.lexeme, 2) AND s.lexeme ~<~ (left(asked.lexeme, 2) || '{')
                    AND abs(length(s.lexeme) - length(asked.lexeme)) <= 1))
         ORDER BY similarity(s.word, asked.word) DESC, s.word LIMIT 80) AS near
FROM (SELECT word, (ts_lexize('german_stem', word))[1] AS lexeme FROM unnest(CAST(:words AS text[])) AS word) asked
WHERE asked.lexeme IS NOT NULL
""")


@dataclass(frozen=True)
class SearchTerms:
    """A question to the catalogue. `exact`: the words themselves; `wide`: with compounds and corrections.

    `instead`: what a mistyped word was taken for. `gtin`: digits that may be a product's number.
    """

    exact: str
    wide: str
    instead: tuple[tuple[str, str], ...] = ()
    gtin: str | None = None


def extract_words(text: str) -> tuple[str, ...]:
    """Extract the words of a question, folded, without those that say nothing; at most eight."""
    found = re.findall(r"[a-z0-9]+", fold(text))
    chosen = [w[:MAX_WORD_CHARS] for w in found if w not in STOP and (len(w) > 1 or w.isdigit())]
    return tuple(dict.fromkeys(chosen))[:MAX_WORDS]


def measure_edit_distance(one: str, two: str) -> int:
    """Count the letters to change, add, leave out or swap with their neighbour (Damerau and Levenshtein)."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, start=1):
        older, before, row = before, row, [i] + [0] * len(two)
        for j, b in enumerate(two, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]


def _nearest(row: Any) -> list[tuple[str, str]]:
    """Candidates that one slip explains (two in long words). Swapped letters share few trigrams, so the database
    also offers words with the same two first letters."""
    allowed = 1 if len(row.word) < 9 else 2
    pairs = [tuple(entry.split(" ", 1)) for entry in row.near]
    scored = sorted(
        (min(measure_edit_distance(row.word, found), measure_edit_distance(row.lexeme, lexeme)), found, lexeme)
        for found, lexeme in pairs
    )
    return [(found, lexeme) for far, found, lexeme in scored if far <= allowed][:3]


def _any(lexemes: list[str]) -> str:
    unique = list(dict.fromkeys(lexemes))[:MAX_LEXEMES]
    return "(" + "|".join(f"'{lexeme}'" for lexeme in unique) + ")"


def _beginnings(row: Any) -> list[str]:
    """Words that begin with the asked one. A whole word needs a second part of four letters: "Reis" is not "Reise"."""
    minimum = len(row.lexeme) + 4 if row.known else 0
    return [lexeme for lexeme in row.beginning if len(lexeme) >= minimum]


def _alternatives(row: Any) -> tuple[list[str], tuple[str, str] | None]:
    found = [row.lexeme, *row.ending, *_beginnings(row)]
    if row.known or row.ending:
        # "Kinderschuhe" also finds "Schuhe": the longest word it ends with, which in German says what it is
        return found + sorted(row.heads, key=len)[-1:], None
    near = _nearest(row)
    if near and not _beginnings(row):
        return [row.lexeme, *(lexeme for _word, lexeme in near)], (row.word, near[0][0])
    return found + sorted(row.heads, key=len)[-1:], None


@cached(seconds=60)
def look_up_terms(text: str) -> SearchTerms | None:
    """Look up what to search for. Nothing when the text has no word that says anything."""
    words = extract_words(text)
    if not words:
        return None
    rows = {row.word: row for row in call(LOOK_UP, words=list(words))}
    exact, wide, instead = [], [], []
    for word in words:
        row = rows.get(word)
        if row is None and not word.isdigit():
            continue
        lexemes, correction = _alternatives(row) if row is not None else ([word], None)
        exact.append(_any([row.lexeme if row is not None else word]))
        wide.append(_any(lexemes))
        if correction:
            instead.append(correction)
    if not exact:
        return None
    digits = "".join(words)
    gtin = digits if digits.isdigit() and 8 <= len(digits) <= 14 else None
    return SearchTerms(" & ".join(exact), " & ".join(wide), tuple(instead), gtin)
