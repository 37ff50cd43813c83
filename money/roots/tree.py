"""A Merkle tree over blinded leaves: who knows one leaf with its path learns of the others hashes and nothing else.

A leaf is SHA-256 of a zero byte, 32 secret bytes and the text; a node is SHA-256 of a one and the two below it. What
has no neighbour moves up as it is. `verify_books.py` computes the same without us.
"""

import hashlib
from collections.abc import Sequence

BRANCH_LEAVES = 256  # a power of two: the root over all is the root over the roots of such parts
Step = tuple[str, str]  # on which side the neighbour stands (L, R), and its hash


def hash_leaf(salt: bytes, text: str) -> bytes:
    """Hash the text of a leaf with its secret."""
    return hashlib.sha256(b"\0" + salt + text.encode()).digest()


def find_root(hashes: Sequence[bytes]) -> bytes:
    """Find the root over hashes; that over none is the hash of nothing."""
    level = list(hashes)
    while len(level) > 1:
        level = _climb(level)
    return level[0] if level else hashlib.sha256(b"").digest()


def find_path(hashes: Sequence[bytes], position: int) -> list[Step]:
    """Find the neighbours on the way from one hash up to the root."""
    level, path = list(hashes), []
    while len(level) > 1:
        neighbour = position ^ 1
        if neighbour < len(level):
            path.append(("L" if neighbour < position else "R", level[neighbour].hex()))
        level, position = _climb(level), position // 2
    return path


def _climb(level: list[bytes]) -> list[bytes]:
    pairs = [hashlib.sha256(b"\1" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) & ~1 :]
