"""Samples: which closed cases are looked at again.

Nobody can influence or guess the choice; everybody can repeat it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from engine.runtime.context import Context
from engine.runtime.jobs import Job

_RANGE = 1 << 64


def drawn(case_number: str, share: float) -> bool:
    """Whether a case is in the sample of this share (0 to 1); a small sample is part of every larger one."""
    digest = hashlib.sha256(case_number.encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * _RANGE


def draw(ctx: Context, job: Job) -> dict[str, Any]:
    """`sample.draw`: share -> selected. Raises `ValueError` for a share outside 0 to 1."""
    share = float(job.inputs["share"])
    if not 0 <= share <= 1:
        raise ValueError(f"A share lies between 0 and 1, this is {share}")
    return {"selected": drawn(job.business_key, share)}
