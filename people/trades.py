"""What trades are called."""

from foundation.languages import lazy

TRADES = {
    "baeckerei": lazy("Bäckerei"),
    "metzgerei": lazy("Metzgerei"),
    "hofladen": lazy("Hofladen"),
    "buchhandlung": lazy("Buchhandlung"),
    "mode": lazy("Mode"),
    "schuhe": lazy("Schuhe"),
    "drogerie": lazy("Drogerie"),
    "apotheke": lazy("Apotheke"),
    "optik": lazy("Optik"),
    "fahrrad": lazy("Fahrräder"),
    "gaertnerei": lazy("Gärtnerei"),
    "feinkost": lazy("Feinkost"),
    "spielwaren": lazy("Spielwaren"),
    "haushaltswaren": lazy("Haushaltswaren"),
    "elektro": lazy("Elektro"),
    "schreibwaren": lazy("Schreibwaren"),
    "goldschmied": lazy("Goldschmied"),
    "friseur": lazy("Friseur"),
    "raumausstattung": lazy("Raumausstattung"),
    "reinigung": lazy("Reinigung"),
    "unverpackt": lazy("Unverpackt"),
    "bioladen": lazy("Bioladen"),
    "cafe": lazy("Café"),
    "tee": lazy("Tee"),
    "sport": lazy("Sport"),
    "allerlei": lazy("Allerlei"),
}


def trade_word(trade: str) -> str:
    """Say what people call a trade."""
    return str(TRADES.get(trade, trade.capitalize()))
