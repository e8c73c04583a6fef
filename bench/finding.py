"""What `doctor` found out about one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["ok", "absent", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        check: Of what.
        state: `absent` is not there, and needed only for what its name says; `fault` is wrong, and what to do is said.
        says: One line for people.
        details: The same and more, for programs.
    """

    check: str
    state: State
    says: str
    details: dict[str, Any] = field(default_factory=dict)
