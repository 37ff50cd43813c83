"""Names of tills, of their tokens and of the people at them."""

from vouchers.tills import errors

MAX_NAME_CHARACTERS = 40


def cleaned_name(text: str, field: str) -> str:
    """Give the name without superfluous spaces. Refuses none, more than 40 characters, and unprintable ones."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        raise errors.name_not_valid(field)
    return name
