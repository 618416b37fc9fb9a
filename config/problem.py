"""What a linter says about a diagram, a decision table or a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, where it is, and what mends it."""

    #: Id of the element in the file; empty when the whole file is meant.
    element: str
    #: Stable, lower_snake; what tests and translations hold on to.
    code: str
    #: One English sentence, written for the person who drew the file.
    message: str
    #: One English sentence that says what to do about it.
    remedy: str
    #: Only an "error" keeps the file from being deployed.
    severity: Literal["error", "warning"] = "error"
    #: The values inside ``message``, for translation.
    params: Mapping[str, Any] = field(default_factory=dict)
