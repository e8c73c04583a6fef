"""A run's scores as a comparison needs them: from a run folder, or from a blessed baseline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoreSheet:
    """Scores of one run by one reader under its suite's profile, with what makes them comparable (to be filled in)."""
