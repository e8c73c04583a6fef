"""How well the pictures of a run fit their prompts, by a tower: records of each picture, and estimates."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.embeddings import WHOLE, Embeddings, NoVectorError, tower8
from bench.files import write_json, write_whole
from bench.records import Sample, SampleKey
from metrics.score import Missing, Result, Score
from metrics.statistics import Measured, estimate
from metrics.towers.fit import lift_of, region_fit
from metrics.towers.table import TOWER_METRICS
from metrics.towers.tower import Tower
from prompts.suite import Box, Prompt

if TYPE_CHECKING:
    import pandas as pd

    from bench.run import Run


def align_run(run: Run, identity: str, tower: Tower | None = None) -> dict[str, Any]:
    """Score a run by a tower, keep the outcome in `alignment.<tower8>.json` of its folder, and return it.

    Without the tower itself, vectors come from the run folder alone; a score whose vectors are not there is missing.
    The scores are also in `scores.<tower8>.parquet`.

    Raises:
        GlyphbenchError: The tower does not know a language of the run's prompts.
    """
    embeddings = Embeddings(run.folder.path, identity, tower)
    if tower is not None:
        embed_run(run, embeddings)
    try:
        asked = _asked(run, embeddings)
        records = [
            _record(run, embeddings, prompt, seed, asked[prompt.language])
            for prompt in run.prompts
            for seed in run.manifest.seeds
        ]
    except NoVectorError as error:
        records = [_missing(prompt, seed, str(error)) for prompt in run.prompts for seed in run.manifest.seeds]
    outcome = {"tower": identity, "estimates": _estimates(run, records), "pictures": records}
    write_json(alignment_path(run.folder.path, identity), outcome)
    buffer = io.BytesIO()
    alignment_frame(run, outcome).to_parquet(buffer, index=False)
    write_whole(run.folder.path / f"scores.{embeddings.short}.parquet", buffer.getvalue())
    return outcome


def embed_run(run: Run, embeddings: Embeddings) -> None:
    """Have all vectors computed that the scores of a run need, in whole batches.

    Raises:
        GlyphbenchError: The tower does not know a language of the run's prompts.
    """
    _asked(run, embeddings)
    crops = []
    for prompt in run.prompts:
        placed = _placed(prompt)
        embeddings.texts([caption for _, caption, _ in placed], prompt.language)
        for seed in run.manifest.seeds:
            sample = run.samples.get(SampleKey(prompt.id, seed))
            if sample is not None and sample.file is not None and sample.sha256 is not None:
                crops += [(sample.file, sample.sha256, box) for box in (WHOLE, *(box for _, _, box in placed))]
    embeddings.crops(crops)


def alignment_path(folder: Path, identity: str) -> Path:
    """Return where the outcome of a tower is kept."""
    return folder / f"alignment.{tower8(identity)}.json"


def summarise_alignment(run: Run) -> dict[str, Any] | None:
    """Return the tower and its estimates, or `missing` with the reason; None where no tower was wanted."""
    if run.alignment is None:
        return {"missing": run.manifest.no_tower} if run.manifest.no_tower else None
    pieces = {record["prompt"]: record["pieces"] for record in run.alignment["pictures"] if "pieces" in record}
    return {
        "tower": run.alignment["tower"],
        "estimates": run.alignment["estimates"],
        "prompts_in_pieces": {prompt: n for prompt, n in pieces.items() if n > 1},
    }


def alignment_frame(run: Run, outcome: Mapping[str, Any]) -> pd.DataFrame:
    """Return the scores of an outcome, one row for each (prompt, seed, metric), as `Run.scores` has them.

    `reader` and `profile` are None, as these scores depend on neither, and `tower` is added.
    """
    import pandas as pd

    prompts = {prompt.id: prompt for prompt in run.prompts}
    rows = []
    for record in outcome["pictures"]:
        prompt = prompts[record["prompt"]]
        for metric, found in record["scores"].items():
            score = None if "missing" in found else Score(**found)
            rows.append(
                {
                    "suite": run.suite.name,
                    "model": run.manifest.model.name,
                    "reader": None,
                    "prompt": prompt.id,
                    "seed": record["seed"],
                    "group": prompt.group,
                    "language": prompt.language,
                    "profile": None,
                    "metric": metric,
                    "numerator": score and score.numerator,
                    "denominator": score and score.denominator,
                    "value": score and score.value,
                    "missing": found.get("missing"),
                    "beyond": "",
                    "tower": outcome["tower"],
                }
            )
    return pd.DataFrame(rows).astype(dict.fromkeys(("numerator", "denominator", "value"), "float64"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The prompts of a run in one language: their texts, and their vectors as rows of a matrix."""

    texts: npt.NDArray[np.str_]
    rows: Mapping[str, int]
    matrix: npt.NDArray[np.float64]
    pieces: tuple[int, ...]


def _asked(run: Run, embeddings: Embeddings) -> dict[str, _Asked]:
    """Return the run's prompts with their vectors, by language."""
    asked = {}
    for language in {prompt.language for prompt in run.prompts}:
        prompts = [prompt for prompt in run.prompts if prompt.language == language]
        vectors = embeddings.texts([prompt.text for prompt in prompts], language)
        asked[language] = _Asked(
            np.array([prompt.text for prompt in prompts]),
            {prompt.id: row for row, prompt in enumerate(prompts)},
            np.stack([found.vector for found in vectors]),
            tuple(found.pieces for found in vectors),
        )
    return asked


def _missing(prompt: Prompt, seed: int, reason: str) -> dict[str, Any]:
    return {"prompt": prompt.id, "seed": seed, "scores": {name: {"missing": reason} for name in TOWER_METRICS}}


def _record(run: Run, embeddings: Embeddings, prompt: Prompt, seed: int, asked: _Asked) -> dict[str, Any]:
    row = asked.rows[prompt.id]
    record: dict[str, Any] = {"prompt": prompt.id, "seed": seed, "pieces": asked.pieces[row]}
    sample = run.samples.get(SampleKey(prompt.id, seed))
    if sample is None or sample.file is None or sample.sha256 is None:
        reason = "not made" if sample is None else f"{sample.status}: {sample.reason or 'no picture'}"
        return _missing(prompt, seed, reason) | record
    cosines = asked.matrix @ embeddings.crops([(sample.file, sample.sha256, WHOLE)])[0]
    own = float(cosines[row])
    lift = lift_of(own, cosines[asked.texts != prompt.text])
    scores: dict[str, Result] = {
        "clip": Score(own),
        "clip_lift": Score(lift.lift) if lift else Missing("no other prompt in this language"),
    }
    if lift:
        record |= {"rank": lift.rank, "others": lift.others}
    scores["region_clip"], regions = _regions(embeddings, prompt, sample)
    return record | regions | {"scores": {name: _as_json(score) for name, score in scores.items()}}


def _placed(prompt: Prompt) -> list[tuple[int, str, Box]]:
    """Return number, caption and place of the regions that crops are held against; none for fewer than two."""
    placed = [(i, r.caption, r.box) for i, r in enumerate(prompt.regions) if r.caption and r.box]
    return placed if len(placed) > 1 else []


def _regions(embeddings: Embeddings, prompt: Prompt, sample: Sample) -> tuple[Result, dict[str, Any]]:
    placed = _placed(prompt)
    if not placed or sample.file is None or sample.sha256 is None:
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
