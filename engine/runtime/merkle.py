"""The Merkle tree of RFC 6962, built while its leaves stream by: one root over all, and the way from some of them to it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

#: The hash that joins in on the way up, and on which side it stands.
Step = tuple[Literal["left", "right"], bytes]


@dataclass
class _Node:
    size: int
    hash: bytes
    #: The watched leaves below it.
    holds: list[int]


class Tree:
    """Takes leaves one by one and keeps as many nodes as the tree is high.

    A leaf is hashed after the octet 0, a node after the octet 1, so that neither can be taken for the other.
    """

    def __init__(self, watched: Collection[int] = ()) -> None:
        #: Key of a watched leaf -> its way to the root, complete once `root` was asked for.
        self.ways: dict[int, list[Step]] = {leaf: [] for leaf in watched}
        #: The watched leaves that came by.
        self.leaves: dict[int, bytes] = {}
        self._nodes: list[_Node] = []

    def add(self, key: int, leaf: bytes) -> None:
        """The next leaf; `key` is the name under which it may be watched."""
        digest = hashlib.sha256(b"\0" + leaf).digest()
        if key in self.ways:
            self.leaves[key] = leaf
        self._nodes.append(_Node(1, digest, [key] if key in self.ways else []))
        while len(self._nodes) > 1 and self._nodes[-2].size == self._nodes[-1].size:
            self._join()

    def root(self) -> bytes:
        """The root over all leaves; nothing can be added afterwards."""
        while len(self._nodes) > 1:
            self._join()
        return self._nodes[0].hash if self._nodes else hashlib.sha256().digest()

    def _join(self) -> None:
        right, left = self._nodes.pop(), self._nodes.pop()
        for leaf in left.holds:
            self.ways[leaf].append(("right", right.hash))
        for leaf in right.holds:
            self.ways[leaf].append(("left", left.hash))
        joined = hashlib.sha256(b"\1" + left.hash + right.hash).digest()
        self._nodes.append(_Node(left.size + right.size, joined, left.holds + right.holds))
