"""What `suites` shows: the suites there are, what is in one, what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any

from prompts.lint import lint
from prompts.loading import find_suite, suite_names
from prompts.suite import Box, Prompt, Region, Suite
from prompts.summary import summarise


def suite_rows() -> list[dict[str, Any]]:
    """Return one row for each shipped suite."""
    return [
        {
            "suite": suite.name,
            "version": suite.version,
            "language": suite.language,
            "prompts": len(suite.prompts),
            "seeds": len(suite.seeds),
            "profile": suite.profile,
            "title": suite.title,
        }
        for suite in map(find_suite, suite_names())
    ]


def suite_content(name: str) -> dict[str, Any]:
    """Return one suite's head, its counts, and all its prompts, as JSON data."""
    suite = find_suite(name)
    summary = summarise(suite)
    return {
        **_head(suite),
        "counts": {
            "language": dict(summary.languages),
            "length": dict(summary.lengths),
            "regions": {str(number): count for number, count in summary.regions.items()},
            "places": dict(summary.places),
            "relations": dict(summary.relations),
            "tags": dict(summary.tags),
        },
        "prompts": [_prompt(prompt) for prompt in suite.prompts],
    }


def suite_page(name: str) -> str:
    """Return one suite for people: head, counts, three examples."""
    suite = find_suite(name)
    summary = summarise(suite)
    head = "\n".join(f"{key:12} {_line(value)}" for key, value in _head(suite).items())
    counts: dict[str, Mapping[Any, int]] = {
        "language": summary.languages,
        "length": summary.lengths,
        "regions": summary.regions,
        "places": summary.places,
        "relations": summary.relations,
        "tags": summary.tags,
    }
    tables = "\n".join(
        f"{by:12} {', '.join(f'{label}: {count}' for label, count in table.items())}"
        for by, table in counts.items()
        if table
    )
    examples = "\n\n".join(
        "\n".join([f"{prompt.id}  ({_line(prompt.size)}, {_line(prompt.tags)})", prompt.text])
        for prompt in summary.examples
    )
    return f"{head}\n\n{len(suite.prompts)} prompts by\n{tables}\n\nfor example\n\n{examples}"


def suite_findings(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the checks find in the named suites, or in all shipped ones; each with the prompt and the rule."""
    return [asdict(finding) for finding in lint(*map(find_suite, names or suite_names()))]


def _head(suite: Suite) -> dict[str, Any]:
    return {
        "name": suite.name,
        "version": suite.version,
        "title": suite.title,
        "description": suite.description,
        "language": suite.language,
        "source": suite.source,
        "licence": suite.licence,
        "seeds": list(suite.seeds),
        "profile": suite.profile,
        "digest": suite.digest,
    }


def _prompt(prompt: Prompt) -> dict[str, Any]:
    """Return what whoever makes pictures outside needs: id, text, size, what must appear, and where."""
    return {
        "id": prompt.id,
        "text": prompt.text,
        "language": prompt.language,
        "width": prompt.size.width,
        "height": prompt.size.height,
        "targets": list(prompt.targets),
        "regions": [_region(region) for region in prompt.regions],
        "relations": [f"{one + 1} {kind} {other + 1}" for one, kind, other in map(astuple, prompt.relations)],
        "group": prompt.group,
        "tags": list(prompt.tags),
    }


def _region(region: Region) -> dict[str, Any]:
    """Return what is said of a region, without what is left open."""
    said = {**asdict(region), "where": list(region.where) if isinstance(region.where, Box) else region.where}
    return {key: value for key, value in said.items() if value}


def _line(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
