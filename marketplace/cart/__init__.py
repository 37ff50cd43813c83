"""The basket over several shops: what is in it, what changed since, and its end. Decision 0502."""
