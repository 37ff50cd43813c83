"""Which wallets a pass can be made for here. Decision 0316."""

from vouchers.passes import apple, google

SIGNERS = {"apple": apple.load_signer, "google": google.load_signer}


def list_offered() -> list[str]:
    """List the wallets for which signing is configured: `apple`, `google`, both or none."""
    return [name for name, signer in SIGNERS.items() if signer()]
