"""The auditor's pages: figures, the way down to every entry, proof and cover, and all of it as files. Read-only."""
