"""The words for cards, their ways and their payment, and which state may follow which. The database checks them too."""

# No card is worth anything before `activated`. `destroyed` is the end, also of a sale that was taken back.
CARD: dict[str, frozenset[str]] = {
    "stock": frozenset({"sent", "lost", "destroyed"}),
    "sent": frozenset({"received", "activated", "stock", "lost", "destroyed"}),
    "received": frozenset({"activated", "stock", "lost", "destroyed"}),
    "lost": frozenset({"stock", "destroyed"}),
    "activated": frozenset({"destroyed"}),
    "destroyed": frozenset(),
}
AT_COUNTER = ("sent", "received")
# What a person does with a range of cards, and the state that follows. `returned` and `found` bring them home.
MOVEMENTS = {
    "made": "stock",
    "sent": "sent",
    "received": "received",
    "returned": "stock",
    "lost": "lost",
    "found": "stock",
    "destroyed": "destroyed",
}
FROM = {
    "sent": ("stock",),
    "received": ("sent",),
    "returned": ("sent", "received"),
    "lost": ("stock", "sent", "received"),
    "found": ("lost",),
    "destroyed": ("stock", "sent", "received", "lost"),
}
PAID_BY = ("cash", "card")
