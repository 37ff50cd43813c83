"""Search over all shops. Decision 0401.

The order of hits is published (page "Reihenfolge der Treffer"): whoever changes `POINTS` or the statement changes that
page too. Nobody can pay for a place.

Only the first thousand hits of a word are ranked: ranking every hit of a common word is what makes a search slow.
"""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa

from foundation.database import call
from marketplace.catalogue import words
from marketplace.catalogue.rows import Hit, OfferRow, make_rows

PAGE_SIZE = 24
MAX_HITS = 1000
MAX_COUNTED_KM = 40
POINTS = {"name": 60, "compound": 40, "elsewhere": 10, "closeness": 20, "in_stock": 20}

TEXT_POINTS = f"""
  CASE WHEN ts_filter(f.search, '{{a}}') @@ CAST(:exact AS tsquery) THEN {POINTS["name"]}
       WHEN ts_filter(f.search, '{{a}}') @@ CAST(:wide AS tsquery) THEN {POINTS["compound"]}
       ELSE {POINTS["elsewhere"]} END
  + round({POINTS["closeness"]} * ts_rank(f.search, CAST(:wide AS tsquery), 33))
"""

STATEMENT = """
WITH found AS MATERIALIZED (
  SELECT o.id, o.outlet_id, o.search, coalesce(o.gtin, o.id::text) AS same, o.price_cents, place.km
    FROM offer o
    JOIN unnest(CAST(:outlets AS uuid[]), CAST(:kms AS int[])) AS place (outlet_id, km) USING (outlet_id)
   WHERE o.status = 'published' AND o.variant_of IS NULL {which}
   LIMIT :maximum),
scored AS (
  SELECT f.id, f.same, f.price_cents,
         ({points} + CASE WHEN s.on_hand = 0 THEN 0 ELSE :in_stock END - least(f.km, :far))::int AS score
    FROM found f LEFT JOIN stock s ON s.offer_id = f.id),
best AS (
  SELECT id, score, row_number() OVER w AS place,
         count(*) OVER (PARTITION BY same) AS offers, min(price_cents) OVER (PARTITION BY same) AS lowest_cents
    FROM scored WINDOW w AS (PARTITION BY same ORDER BY score DESC, price_cents, id))
SELECT (SELECT count(*) FROM best WHERE place = 1) AS total, {columns}, b.score, b.offers, b.lowest_cents
  FROM (SELECT * FROM best WHERE place = 1 AND (score, id) < (:score, CAST(:id AS uuid))
         ORDER BY score DESC, id DESC LIMIT :page) b
  JOIN offer o ON o.id = b.id
 ORDER BY b.score DESC, b.id DESC
"""
HIT_COLUMNS = ", ".join(f"o.{name}" for name in OfferRow.__slots__)
FIRST_PAGE = (1_000_000, UUID(int=(1 << 128) - 1))


@dataclass(frozen=True, kw_only=True)
class SearchQuery:
    """What is looked for: words, shops with their distance in km (0 where no place was named), categories."""

    asked: words.SearchTerms | None
    places: tuple[tuple[UUID, int], ...]
    categories: tuple[str, ...] = ()
    after: tuple[int, UUID] = FIRST_PAGE
    any_word: bool = False


@dataclass(frozen=True)
class Hits:
    """One page of hits. `total` counts at most a thousand; `more` is where the next page begins."""

    rows: list[Hit]
    total: int
    more: tuple[int, UUID] | None


def _conditions(question: SearchQuery) -> tuple[str, dict[str, object]]:
    which = ""
    values: dict[str, object] = {}
    asked = question.asked
    if asked and asked.gtin:
        which += " AND (o.gtin = :gtin OR o.search @@ CAST(:wide AS tsquery))"
        values["gtin"] = asked.gtin
    elif asked:
        which += " AND o.search @@ CAST(:wide AS tsquery)"
    if question.categories:
        which += " AND o.category_slug = ANY(:categories)"
        values["categories"] = list(question.categories)
    if asked:
        joint = " | " if question.any_word else " & "
        values |= {
            "wide": asked.wide.replace(" & ", joint),
            "exact": asked.exact.replace(" & ", joint),
        }
    return which, values


@lru_cache(maxsize=16)
def _statement(which: str, ranked: bool) -> sa.TextClause:
    return sa.text(STATEMENT.format(which=which, points=TEXT_POINTS if ranked else "0", columns=HIT_COLUMNS))


def find_hits(question: SearchQuery) -> Hits:
    """Find the hits in their published order, one for the same product in several shops, 24 a page."""
    if not question.places:
        return Hits([], 0, None)
    which, values = _conditions(question)
    rows = call(
        _statement(which, question.asked is not None),
        **values,
        outlets=[outlet for outlet, _km in question.places],
        kms=[km for _outlet, km in question.places],
        maximum=MAX_HITS,
        in_stock=POINTS["in_stock"],
        far=MAX_COUNTED_KM,
        score=question.after[0],
        id=question.after[1],
        page=PAGE_SIZE + 1,
    )
    shown = make_rows(Hit, (row[1:] for row in rows[:PAGE_SIZE]))
    more = (shown[-1].score, shown[-1].id) if len(rows) > PAGE_SIZE else None
    return Hits(shown, rows[0].total if rows else 0, more)
