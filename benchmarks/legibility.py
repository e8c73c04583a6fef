"""Measures how well malformed characters are told from well-drawn ones, and writes docs/legibility.md with its sheet.

    python benchmarks/legibility.py [--fonts FOLDER] [--count 300]
    python benchmarks/legibility.py --fit --fonts FOLDER

FOLDER holds the Debian packages fonts-cns11643-kai, fonts-arphic-uming and fonts-wqy-microhei, unpacked: designs that
neither the network nor the threshold has seen. `--fit` prints the constants of metrics/readers/intactness.py from other
characters, faces and seeds; it needs the fonts of benchmarks/drawn_characters.py there too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.optimize import minimize
from scipy.stats import binomtest, rankdata
from specimens import Case, cases, own_face, picture, sans

from bench.generators.typeset.damage import DAMAGES, damaged_mask
from bench.generators.typeset.faces import FACES, Face, TypesettingError, font
from metrics.profiles import PROFILES
from metrics.readers.intactness import IntactnessModel, odds
from metrics.readers.ppocr import PPOCRReader
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

HELD_OUT, ENGLISH = "held out", "English"
_FALSE_ALARMS = 0.01


@dataclass(frozen=True)
class Outcome:
    """What was found for one character."""

    face: str
    group: str
    size: int
    is_alone: bool
    is_plain: bool
    kind: str | None
    is_target: bool
    target: str
    plain: float
    confidence: float
    doubt: float
    picture: float
    intact: float


class Recorder(IntactnessModel):
    """An intactness model that tells which doubt and which log odds a judgement came from."""

    def __init__(self) -> None:
        self.pairs: list[tuple[float, float]] = []

    def combine(self, doubt: np.ndarray, picture: np.ndarray) -> np.ndarray:
        """Return the number of each judgement, to be looked up in `pairs`."""
        first = len(self.pairs)
        self.pairs += list(zip(doubt.tolist(), picture.tolist(), strict=True))
        return np.arange(first, len(self.pairs), dtype=float)


def read(reader: PPOCRReader, recorder: Recorder, case: Case, group: str, kind: str | None) -> Iterator[Outcome]:
    """Yield what is found for the target, and in lines without damage for the other characters as well."""
    image = picture(case, kind)
    if image is None:
        return
    size = Size(image.shape[1], image.shape[0])
    prompt = Prompt("one", case.text, "zh", "one", size, (Region(case.text),))
    reading, evidence = reader.weigh(image, prompt, PROFILES["standard"])
    for one in evidence:
        is_target = one.position == case.position
        if kind and not is_target:
            continue
        doubt, shape = recorder.pairs[int(one.intact)] if one.intact is not None else (1.0, -30.0)
        intact = IntactnessModel.combine(recorder, np.array([doubt]), np.array([shape]))
        yield Outcome(
            face=case.face.name,
            group=group,
            size=case.size,
            is_alone=len(case.text) == 1,
            is_plain=case.is_plain,
            kind=kind,
            is_target=is_target,
            target=one.target,
            plain=float(one.read == one.target),
            confidence=0.0 if one.line is None else reading.lines[one.line].confidence,
            doubt=doubt,
            picture=shape,
            intact=float(intact[0]),
        )


def measure(faces: dict[str, list[Face]], kinds: Sequence[str], count: int, seed: int, held: bool) -> list[Outcome]:
    """Return what is found for `count` places in each group of faces, drawn right and in every kind of damage.

    Args:
        faces: By group.
        kinds: Of damage.
        count: Places in each group.
        seed: Decides them.
        held: Whether to take characters that the network was not trained with, or only others.
    """
    reader, recorder = PPOCRReader(Spec.parse("ppocr")), Recorder()
    reader._shapes = recorder
    found: list[Outcome] = []
    for number, (group, members) in enumerate(faces.items()):
        for case in cases(members, count, seed + number, lambda c: c.isascii() or (ord(c) % 5 == 3) == held):
            for kind in (None,) if group == ENGLISH else (None, *kinds):
                found += read(reader, recorder, case, group, kind)
    return found


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return how often a right character scores above a wrong one, ties counting half."""
    ranks = rankdata(np.concatenate([right, wrong]))
    n, m = len(right), len(wrong)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


SCORES: dict[str, Callable[[Outcome], float]] = {
    "plain reading": lambda o: o.plain,
    "line confidence": lambda o: o.confidence,
    "P(expected)": lambda o: -o.doubt if o.doubt > 0.5 else float(odds(np.array([o.doubt]))[0]),
    "picture": lambda o: o.picture,
    "intact": lambda o: o.intact,
}


def table(found: list[Outcome], rows: dict[str, Callable[[Outcome], bool]], names: Sequence[str]) -> list[str]:
    """Return lines of a table in Markdown: the mean AUC over all kinds, and of each."""
    kinds = list(DAMAGES)
    lines = ["| | " + " | ".join(["**mean**", *kinds]) + " |", "|---" * (len(kinds) + 2) + "|"]
    for title, chosen in rows.items():
        members = [o for o in found if chosen(o) and o.is_target]
        for name in names:
            score = SCORES[name]
            right = [score(o) for o in members if o.kind is None]
            values = [auc(right, [score(o) for o in members if o.kind == kind]) for kind in kinds]
            label = f"{title} {name}".strip()
            lines.append(f"| {label} | **{np.mean(values):.3f}** | " + " | ".join(f"{v:.3f}" for v in values) + " |")
    return lines


def fit(found: list[Outcome]) -> tuple[float, float, float]:
    """Return the weights of the picture and of the recogniser's doubt, and the bias that makes 1% false alarms."""
    kept = [o for o in found if o.picture > -29]
    shape = np.array([o.picture for o in kept])
    doubt = odds(np.array([o.doubt for o in kept]))
    right = np.array([o.kind is None for o in kept], float)
    weight = np.where(right == 1, 1 / right.sum(), 1 / (1 - right).sum())

    def loss(p: np.ndarray) -> float:
        z = p[0] * shape + p[1] * doubt + p[2]
        return float((weight * (np.logaddexp(0, z) - right * z)).sum())

    a, b, _ = minimize(loss, [1.0, 0.3, 0.0], method="Nelder-Mead", options={"maxiter": 4000}).x
    total = a * shape[right == 1] + b * doubt[right == 1]
    return float(a), float(b), -float(np.quantile(total, _FALSE_ALARMS))


def false_alarms(found: list[Outcome], rows: dict[str, Callable[[Outcome], bool]]) -> list[str]:
    """Return lines of a table: how many well-drawn characters come below 0.5, with a 95% interval (Wilson)."""
    lines = ["| | well drawn | called malformed | share | 95% interval |", "|---|--:|--:|--:|---|"]
    for title, chosen in rows.items():
        members = [o for o in found if chosen(o) and o.kind is None and o.picture > -29]
        wrong, total = sum(o.intact < 0.5 for o in members), len(members)
        interval = binomtest(wrong, total).proportion_ci(method="wilson")
        share = f"{wrong / total:.1%} | {interval.low:.1%} to {interval.high:.1%}"
        lines.append(f"| {title} | {total} | {wrong} | {share} |")
    return lines


def caught(found: list[Outcome]) -> list[str]:
    """Return lines of a table: the share of malformed characters below 0.5."""
    kinds = list(DAMAGES)
    lines = ["| | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for title, name in (("read as another character", "plain reading"), ("below the threshold", "intact")):
        shares = [np.mean([SCORES[name](o) < 0.5 for o in found if o.kind == kind]) for kind in kinds]
        lines.append(f"| {title} | " + " | ".join(f"{share:.0%}" for share in shares) + " |")
    return lines


def sheet(faces: Sequence[Face], seed: int) -> Image.Image:
    """Return fifty examples: every kind of damage, five times, each beside the character as it should be."""
    size, left = 64, 190
    canvas = Image.new("L", (left + len(faces) * 160, 84 * len(DAMAGES)), 255)
    pen, label = ImageDraw.Draw(canvas), font(FACES["latin-sans"], 15)
    rng = np.random.default_rng(seed)
    for row, kind in enumerate(DAMAGES):
        pen.text((8, 84 * row + 32), kind, fill=0, font=label)
        for column, face in enumerate(faces):
            x, y = left + 160 * column, 84 * row + 66
            while True:
                character = str(rng.choice(list("福春酒学书明安国新味品家茶花店海乐道爱龙")))
                try:
                    mask = damaged_mask(face, size, character, kind, rng)
                    break
                except TypesettingError:
                    continue
            pen.text((x, y), character, fill=170, font=font(face, size), anchor="ls")
            canvas.paste(0, (x + 70 - size // 2, y - 3 * size // 2), mask)
    return canvas


def report(everybody: list[Outcome], count: int, seed: int) -> str:
    """Return docs/legibility.md."""
    found = [o for o in everybody if o.group != ENGLISH]
    english = {ENGLISH: lambda o: o.group == ENGLISH}
    everything = {"": lambda o: True}
    shipped = {"shipped faces": lambda o: o.group == "shipped", "held-out faces": lambda o: o.group == HELD_OUT}
    faces = {name: (lambda o, name=name: o.face == name) for name in dict.fromkeys(o.face for o in found)}
    sizes = {f"{size} px": (lambda o, size=size: o.size == size) for size in sorted({o.size for o in found})}
    where = {
        "in a line": lambda o: not o.is_alone,
        "alone": lambda o: o.is_alone,
        "plain": lambda o: o.is_plain,
        "lively": lambda o: not o.is_plain,
    }
    names = ["plain reading", "line confidence", "P(expected)", "intact"]
    return (
        Path(__file__)
        .with_name("legibility.md.in")
        .read_text()
        .format(
            count=count,
            seed=seed,
            places=sum(o.is_target and o.kind is None for o in found),
            all="\n".join(table(found, everything, [*names[:3], "picture", "intact"])),
            caught="\n".join(caught(found)),
            groups="\n".join(table(found, shipped, names)),
            where="\n".join(table(found, where, ["P(expected)", "intact"])),
            faces="\n".join(table(found, faces, ["P(expected)", "intact"])),
            sizes="\n".join(table(found, sizes, ["P(expected)", "intact"])),
            alarms="\n".join(
                false_alarms(
                    everybody, {"Chinese": lambda o: o.group != ENGLISH} | shipped | faces | sizes | where | english
                )
            ),
        )
    )


def main() -> None:
    """Measure, or fit, as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fonts", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--save", type=Path, help="a JSON file for all that was found")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.fit:
        trained = [sans(100), sans(400), sans(900), FACES["serif"]]
        trained += [own_face(*face) for face in _trained(options.fonts)] if options.fonts else []
        found = measure({"trained": trained}, list(DAMAGES), options.count, options.seed + 1000, held=False)
        print("_PICTURE, _DOUBT, _BIAS =", *(f"{value:.3f}" for value in fit(found)))
    else:
        faces = {"shipped": [sans(400), FACES["serif"]], HELD_OUT: [sans(200), sans(600)]}
        if options.fonts:
            faces[HELD_OUT] += [own_face(*face) for face in _untouched(options.fonts)]
        faces[ENGLISH] = [FACES[name] for name in ("latin-sans", "latin-serif", "latin-book", "latin-book-italic")]
        found = measure(faces, list(DAMAGES), options.count, options.seed, held=True)
        docs = Path(__file__).parent.parent / "docs"
        (docs / "legibility.md").write_text(report(found, options.count, options.seed))
        sheet([*faces["shipped"], FACES["sans-900"], *faces[HELD_OUT]][:5], options.seed).save(
            docs / "legibility-examples.png", optimize=True
        )
    if options.save:
        options.save.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False))


def _trained(folder: Path) -> list[tuple[str, Path, str]]:
    files = {"wenkai": "LXGWWenKai-Regular.ttf", "zenhei": "wqy-zenhei.ttc", "song": "gbsn00lp.ttf", "kai": "ukai.ttc"}
    return [(name, folder, file) for name, file in files.items()]


def _untouched(folder: Path) -> list[tuple[str, Path, str]]:
    files = {
        "AR PL UKai (kai)": "ukai.ttc",
        "AR PL UMing (song)": "uming.ttc",
        "WenQuanYi Micro Hei": "wqy-microhei.ttc",
    }
    return [(name, folder, file) for name, file in files.items()]


if __name__ == "__main__":
    main()
