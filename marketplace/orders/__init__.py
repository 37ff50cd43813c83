"""Orders per shop: placing, paying, preparing, handing over, cancelling, withdrawing."""
