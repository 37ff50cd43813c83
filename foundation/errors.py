"""What can go wrong, as kinds with a sentence for people. `foundation.http` alone knows their numbers.

`code` is for machines and stays the same in every language; `details` are shown to machines too: no secrets in them.
"""


class DomainError(Exception):
    """A refusal that was foreseen. Nothing was changed when it leaves a transaction."""

    default_code = "refused"

    def __init__(self, sentence: object, code: str | None = None, **details: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code
        self.details = details


class Invalid(DomainError):
    """What came in cannot be right: wrong amount, wrong form. `field=` names the place."""

    default_code = "invalid"


class NotSignedIn(DomainError):
    """Nobody is signed in, or the token is not known."""

    default_code = "not_signed_in"


class NotEnough(DomainError):
    """There is less than was asked for."""

    default_code = "not_enough"


class NotAllowed(DomainError):
    """Somebody is signed in who may not do this."""

    default_code = "not_allowed"


class NotFound(DomainError):
    """It does not exist, or whoever asks must not learn that it does."""

    default_code = "not_found"


class Refused(DomainError):
    """The state of things forbids it."""

    default_code = "refused"


class KeyMissing(DomainError):
    """A call that can be repeated came without its idempotency key."""

    default_code = "key_missing"


class TooMany(DomainError):
    """Too many attempts."""

    default_code = "too_many"


class Busy(DomainError):
    """Not now: locks, outages. Trying again is right."""

    default_code = "busy"
