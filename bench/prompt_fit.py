"""How well the pictures of a run fit their prompts, by a tower: records of each picture, and estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from bench.embeddings import WHOLE, Embeddings
from bench.files import write_json
from bench.records import Sample
from bench.run import Run
from metrics.score import Missing, Result, Score
from metrics.statistics import Measured, estimate
from metrics.towers.fit import lift_of, region_fit
from metrics.towers.table import TOWER_METRICS
from metrics.towers.tower import TextVector, Tower
from prompts.suite import Prompt


def align_run(run: Run, tower: Tower) -> dict[str, Any]:
    """Score a run by a tower, keep the outcome in `alignment.<tower8>.json` of its folder, and return it.

    Raises:
        GlyphbenchError: The tower does not know a language of the run's prompts.
    """
    embeddings = Embeddings(run.folder.path, tower)
    texts: dict[str, TextVector] = {}
    for language in {prompt.language for prompt in run.prompts}:
        prompts = [prompt for prompt in run.prompts if prompt.language == language]
        vectors = embeddings.texts([prompt.text for prompt in prompts], language)
        texts |= {prompt.id: vector for prompt, vector in zip(prompts, vectors, strict=True)}
    records = [_record(run, embeddings, prompt, seed, texts) for prompt in run.prompts for seed in run.manifest.seeds]
    outcome = {"tower": tower.identity, "estimates": _estimates(run, records), "pictures": records}
    write_json(run.folder.path / f"alignment.{embeddings.short}.json", outcome)
    return outcome


def _record(
    run: Run, embeddings: Embeddings, prompt: Prompt, seed: int, texts: Mapping[str, TextVector]
) -> dict[str, Any]:
    record: dict[str, Any] = {"prompt": prompt.id, "seed": seed, "pieces": texts[prompt.id].pieces}
    sample = run.samples.get((prompt.id, seed))  # type: ignore[call-overload]
    if sample is None or sample.file is None or sample.sha256 is None:
        reason = "not made" if sample is None else f"{sample.status}: {sample.reason or 'no picture'}"
        return record | {"scores": {name: {"missing": reason} for name in TOWER_METRICS}}
    picture = embeddings.crops([(sample.file, sample.sha256, WHOLE)])[0]
    own = float(picture @ texts[prompt.id].vector)
    others = [p for p in run.prompts if p.language == prompt.language and p.text != prompt.text]
    lift = lift_of(own, [float(picture @ texts[other.id].vector) for other in others])
    scores: dict[str, Result] = {
        "clip": Score(own),
        "clip_lift": Score(lift.lift) if lift else Missing("no other prompt in this language"),
    }
    if lift:
        record |= {"rank": lift.rank, "others": lift.others}
    scores["region_clip"], regions = _regions(embeddings, prompt, sample)
    return record | regions | {"scores": {name: _as_json(score) for name, score in scores.items()}}


def _regions(embeddings: Embeddings, prompt: Prompt, sample: Sample) -> tuple[Result, dict[str, Any]]:
    placed = [(i, r.caption, r.box) for i, r in enumerate(prompt.regions) if r.caption and r.box]
    if len(placed) < 2 or sample.file is None or sample.sha256 is None:
        return Missing("fewer than two regions with a caption and a place"), {}
    crops = embeddings.crops([(sample.file, sample.sha256, box) for _, _, box in placed])
    captions = [text.vector for text in embeddings.texts([caption for _, caption, _ in placed], prompt.language)]
    fit = region_fit(np.stack(crops), np.stack(captions))
    assert fit is not None
    shown = {
        "regions": [i for i, _, _ in placed],
        "captions": [caption for _, caption, _ in placed],
        "matrix": fit.matrix.round(6).tolist(),
        "found": list(fit.found),
        "margins": [round(margin, 6) for margin in fit.margins],
    }
    return Score(sum(fit.found), len(fit.found)), {"region_fit": shown}


def _as_json(score: Result) -> dict[str, Any]:
    return {"missing": score.reason} if isinstance(score, Missing) else asdict(score)


def _estimates(run: Run, records: list[dict[str, Any]]) -> dict[str, Any]:
    groups = {prompt.id: prompt.group for prompt in run.prompts}
    estimates = {}
    for name, metric in TOWER_METRICS.items():
        scores: dict[str, list[Score]] = {}
        for record in records:
            if "missing" not in record["scores"][name]:
                scores.setdefault(record["prompt"], []).append(Score(**record["scores"][name]))
        measured = [Measured(prompt, groups[prompt], tuple(found)) for prompt, found in scores.items()]
        result = estimate(metric, measured)
        estimates[name] = {"missing": result.reason} if isinstance(result, Missing) else asdict(result)
    return estimates
