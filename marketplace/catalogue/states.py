"""What an offer can be: its kind, whether it is shown, its unit, how it is stored; what an import does with a line."""

from enum import StrEnum


class OfferKind(StrEnum):
    """What kind of thing an offer is."""

    GOODS = "goods"  # can be put into a bag and collected anywhere
    SERVICE = "service"  # happens in the shop


class OfferStatus(StrEnum):
    """Whether shoppers see an offer or not."""

    PUBLISHED = "published"  # shown, found and sold
    HIDDEN = "hidden"  # on the desk only; orders that name it stay as they are


class ContentUnit(StrEnum):
    """In what the content is counted, in whole numbers."""

    GRAM = "g"  # weight
    MILLILITRE = "ml"  # volume
    CENTIMETRE = "cm"  # length
    PIECE = "piece"  # things


class StorageClass(StrEnum):
    """How it must be stored until it is collected; a pick-up point says what it can."""

    AMBIENT = "ambient"  # on a shelf
    COOL = "cool"  # in a refrigerator
    FROZEN = "frozen"  # in a freezer


class ImportAction(StrEnum):
    """What an import does with a line."""

    ADD = "add"  # a new offer
    CHANGE = "change"  # an offer that is there becomes different
    SAME = "same"  # nothing to do
    SKIP = "skip"  # left out, with the reason
    WRONG = "wrong"  # cannot be taken over, with the reason


class ProductType(StrEnum):
    """What WooCommerce calls the rows that are taken over."""

    SIMPLE = "simple"  # an offer of its own
    VARIABLE = "variable"  # shown, but only its variants are sold
    VARIATION = "variation"  # one variant; names its parent


AGE_LIMITS_YEARS = (16, 18)  # JuSchG: beer and wine, spirits
VAT_RATES_BP = (700, 1900, 0)  # hundredths of a percent, UStG § 12
