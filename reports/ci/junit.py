"""JUnit XML: one case for each gated metric and guard.

The message stands in the element's text: GitLab shows that and ignores the attribute `message`, which other servers
show.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from reports.ci.cases import Case, cases
from reports.verdict import headline, verdict_lines
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.gating.result import GateResult

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can contain, not even as a reference. Source: XML 1.0, 5th ed., 2.2 Char."""


def junit(result: GateResult) -> str:
    """Return the document. It has neither time nor host, so that the same two runs give the same file."""
    found = cases(result)
    counts = {kind: sum(case.outcome == kind for case in found) for kind in ("failure", "error", "skipped")}
    totals = {
        "name": "glyphbench gate",
        "tests": str(len(found)),
        "failures": str(counts["failure"]),
        "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
    }
    root = ET.Element("testsuites", totals)
    suite = ET.SubElement(root, "testsuite", totals)
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(result):
        ET.SubElement(properties, "property", name=name, value=_legal(value))
    for case in found:
        _append(suite, case)
    ET.SubElement(suite, "system-out").text = _legal("\n".join(verdict_lines(result)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _properties(result: GateResult) -> list[tuple[str, str]]:
    return [
        ("verdict", result.verdict),
        ("exit code", str(result.exit_code)),
        ("headline", headline(result)),
        ("base", result.base.source),
        ("base signature", result.base.signature),
        ("candidate", result.candidate.source),
        ("candidate signature", result.candidate.signature),
        ("policy", str(result.policy["source"])),
    ]


def _append(suite: ET.Element, case: Case) -> None:
    place = ET.SubElement(
        suite, "testcase", classname=f"glyphbench.gate.{case.against}", name=_legal(case.name), time="0"
    )
    if case.outcome == "passed":
        ET.SubElement(place, "system-out").text = _legal(case.text)
    else:
        details = {"message": _legal(case.headline)}
        if case.outcome != "skipped":
            details["type"] = "regressed" if case.outcome == "failure" else "no verdict"
        ET.SubElement(place, case.outcome, details).text = _legal(case.text)


def _legal(text: str) -> str:
    """Return a text that XML can contain, what it cannot as its code point: `‹U+FFFF›`."""
    return _ILLEGAL.sub(lambda match: f"‹U+{ord(match[0]):04X}›", visible(text))
