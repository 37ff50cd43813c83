"""The machinery that runs everything: PostgreSQL, the demo's processes, the environment."""
