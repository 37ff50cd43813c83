"""What is always true of orders, as queries that must return no row. Added to the proof of the books."""

from money.ledger import proof

QUERIES = (
    (
        "O-01",
        "Die Anteile einer Zahlung sind die Summen ihrer Bestellungen.",
        """SELECT o.number, o.total_cents, s.cents FROM shop_order o
             JOIN order_group g ON g.id = o.group_id
             LEFT JOIN payment_share s ON s.payment_id = g.payment_id AND s.ref_id = o.id
            WHERE g.state = 'placed' AND s.cents IS DISTINCT FROM o.total_cents
           UNION ALL
           SELECT p.title, p.cents, sum(o.total_cents) FROM order_group g
             JOIN payment p ON p.id = g.payment_id JOIN shop_order o ON o.group_id = g.id
            WHERE g.state = 'placed' GROUP BY p.id HAVING p.cents <> sum(o.total_cents)""",
    ),
    (
        "O-02",
        "Jede Bestellung ist die Summe ihrer Zeilen.",
        """SELECT o.number, o.total_cents, coalesce(sum(l.cents), 0) AS lines FROM shop_order o
             LEFT JOIN order_line l ON l.order_id = o.id
            GROUP BY o.id HAVING o.total_cents <> coalesce(sum(l.cents), 0)""",
    ),
    (
        "O-03",
        "Jede offene Bestellung hat genau die Stücke, die in ihr stehen; jede beendete hat keine mehr.",
        """SELECT o.number, o.state, l.name, l.quantity, a.quantity AS allocated FROM shop_order o
             JOIN order_line l ON l.order_id = o.id JOIN stock_allocation a ON a.order_line_id = l.id
            WHERE a.quantity <> l.quantity OR a.offer_id <> l.offer_id
               OR (o.state IN ('pending', 'new', 'accepted', 'ready'))
                  <> (a.fulfilled_at IS NULL AND a.released_at IS NULL)
               OR (o.state = 'handed_over') <> (a.fulfilled_at IS NOT NULL)""",
    ),
    (
        "O-04",
        "Übergeben ist eine Bestellung genau dann, wenn es dafür eine Übergabe gibt.",
        """SELECT o.number, o.state, h.at FROM shop_order o FULL JOIN hand_over h ON h.order_id = o.id
            WHERE (o.state = 'handed_over') IS DISTINCT FROM (h.order_id IS NOT NULL)""",
    ),
    (
        "O-05",
        "Der Zustand jeder Bestellung ist der ihres letzten Ereignisses.",
        """SELECT o.number, o.state, e.to_state FROM shop_order o
             LEFT JOIN LATERAL (SELECT to_state FROM order_event WHERE order_id = o.id
                                 ORDER BY at DESC, id DESC LIMIT 1) e ON true
            WHERE e.to_state IS DISTINCT FROM o.state""",
    ),
    (
        "O-06",
        "Jede offene Bestellung hat ihren Platz in einer Abholzeit; eine, die endete, hat keinen.",
        """SELECT o.number, o.state, b.released_at FROM shop_order o
             LEFT JOIN window_booking b ON b.order_id = o.id
            WHERE (o.state IN ('pending', 'new', 'accepted', 'ready')
                   AND (b.order_id IS NULL OR b.released_at IS NOT NULL))
               OR (o.state IN ('cancelled', 'expired') AND b.released_at IS NULL)""",
    ),
    (
        "O-07",
        "Was bei der Abholung zu zahlen war, ist bei der Übergabe kassiert.",
        """SELECT o.number, o.due_cents, h.collected_cents FROM shop_order o JOIN hand_over h ON h.order_id = o.id
            WHERE o.due_cents <> h.collected_cents""",
    ),
    (
        "O-08",
        "Ein Warenkorb wird höchstens einmal zur Bestellung, und dann ist er geschlossen.",
        """SELECT g.number, g.state, c.closed_at FROM order_group g JOIN cart c ON c.id = g.cart_id
            WHERE (g.state = 'placed') AND c.closed_at IS NULL""",
    ),
)


def plug() -> None:
    """Add the queries to the proof."""
    for code, sentence, sql in QUERIES:
        proof.add(code, sentence, sql)
