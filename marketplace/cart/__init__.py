"""The basket over several shops, and the checkout that grows out of it. May import catalogue, handover and below."""
