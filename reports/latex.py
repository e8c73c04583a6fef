"""Text from outside as LaTeX that sets it as it is."""

from __future__ import annotations

import re

from reports.visible_text import visible

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    # In the old text encoding, OT1, these three are other characters.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # Only the encoding T1 has them; they frame the code points of what cannot be seen.
    "‹": r"\textless{}",
    "›": r"\textgreater{}",
    # After the \\ of the row before, these two would be its arguments.
    "[": "{[}",
    "*": "{*}",
    '"': '{"}',
    "`": r"\textasciigrave{}",
    "×": r"$\times$",
    "−": r"$-$",
    "—": r"\textemdash{}",
    "–": r"\textendash{}",
    "…": r"\dots{}",
}
r"""What LaTeX takes for a command, and what its usual fonts lack or make one sign of, as of `--`."""


def escape_latex(text: str) -> str:
    """Return text as LaTeX, on one line."""
    escaped = "".join(_SPECIAL.get(character, character) for character in _one_line(text))
    # Two hyphens would become a dash.
    return re.sub("(?<=-)-", "{}-", escaped)


def latex_comment(text: str) -> str:
    """Return text as a comment of one line."""
    return f"% {_one_line(text)}"


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
