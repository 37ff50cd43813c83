"""Settings: everything that differs between machines, read once from the environment. `.env.example` lists the same."""

import os
from dataclasses import dataclass, fields
from functools import lru_cache


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field is one environment variable (its name in capitals). Secrets have no default."""

    secret_key: str  # signs sessions and links; at least 32 characters
    code_pepper: str  # keys the hashes of voucher codes and tokens; never changes while vouchers live
    database_url: str  # postgresql://… of the application's login
    migration_database_url: str = ""  # login that owns the tables; the same as DATABASE_URL when empty
    database_role: str = "marktplatz_app"  # role the application takes on every connection
    database_pool: int = 5  # connections per process; about twice the cores divided by the processes
    base_url: str = "http://127.0.0.1:8000"  # how browsers reach us; voucher codes carry it
    region_name: str = "Münsterland"  # name of the region on every page
    hotline: str = ""  # telephone number shown on every page
    mail_url: str = "maildir:instance/mail"  # maildir:FOLDER or smtp://user:password@host:port
    mail_sender: str = "Marktplatz Münsterland <marktplatz@localhost>"  # From: of every mail
    stripe_api_base: str = ""  # other address of Stripe's interface; only for the stand-in
    stripe_secret_key: str = ""  # Stripe's secret key; card and SEPA are not offered without it
    stripe_webhook_secret: str = ""  # checks the signature of Stripe's messages
    apple_pass_certificate: str = ""  # file (PEM) of Apple's certificate for passes; none are offered without it
    apple_pass_key: str = ""  # file (PEM) of its private key
    apple_pass_key_password: str = ""  # what opens that key, if it is encrypted
    apple_wwdr_certificate: str = ""  # file (PEM) of Apple's certificate above it (WWDR)
    google_wallet_issuer: str = ""  # issuer id of Google Wallet; no passes are offered without it
    google_wallet_key: str = ""  # file (JSON) of the service account that signs them
    trustees: str = ""  # mail addresses that get each day's root, with commas between them
    roots_file: str = ""  # file outside of the database that keeps each day's root; never written again
    timestamp_url: str = ""  # server that stamps each day's root (RFC 3161)
    timestamp_certificates: str = ""  # file (PEM) of the authorities whose time stamps we trust
    rate_limits: str = "memory://"  # their store; redis://… for several machines, off to measure speed
    staff_second_factor: bool = True  # staff must set up a code generator or a passkey before they work
    demo: bool = False  # invented shops: every page says so
    secure_cookies: bool = True  # cookies over https only; browsers exempt localhost when off
    proxies: int = 0  # reverse proxies in front whose X-Forwarded-* headers are true
    metrics_token: str = ""  # bearer token for /metrics; without one only this machine may read it
    log_level: str = "INFO"  # INFO, WARNING, ERROR


def from_environment(environment: dict[str, str] | None = None) -> Settings:
    """Read the settings. Refuses to start, naming the variable, when one without default is missing or unsafe."""
    source = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for field in fields(Settings):
        raw = source.get(field.name.upper())
        if raw is None:
            continue
        if field.type is bool:
            values[field.name] = raw.strip().lower() in {"1", "true", "yes", "on"}
        else:
            values[field.name] = int(raw) if field.type is int else raw
    missing = [n for n in ("secret_key", "code_pepper", "database_url") if not values.get(n)]
    if missing:
        raise SystemExit(f"Missing in the environment: {', '.join(n.upper() for n in missing)} (see .env.example)")
    for name in ("secret_key", "code_pepper"):
        if len(str(values[name])) < 32:
            raise SystemExit(f"{name.upper()} needs at least 32 characters")
    return Settings(**values)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the settings of this process from the environment, once. Refuses to start by the name of what is missing."""
    return from_environment()
