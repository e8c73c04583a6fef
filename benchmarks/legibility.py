"""Measures how well malformed characters are told from well-drawn ones, and writes docs/legibility.md with its sheet.

    python benchmarks/legibility.py --strokes FOLDER [--fonts FOLDER] [--count 50]
    python benchmarks/legibility.py --fit --strokes FOLDER --fonts FOLDER

FOLDER holds the Debian packages fonts-cns11643-kai, fonts-arphic-uming and fonts-wqy-microhei, unpacked: designs that
neither the network nor the threshold has seen. `--fit` prints the constants of metrics/readers/intactness.py from other
characters, faces and seeds; it needs the fonts of benchmarks/drawn_characters.py there too.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import stroke_vectors
from PIL import Image, ImageDraw
from read_specimens import ENGLISH, HELD_OUT, Found, measure
from scipy.stats import binomtest, rankdata
from specimens import own_face, sans

from bench.generators.typeset.damage import DAMAGES, damaged_mask
from bench.generators.typeset.faces import FACES, Face, TypesettingError, font
from metrics.readers.intactness import DOUBT_SHARE, LATIN_SHIFT, IntactnessModel, odds

_FALSE_ALARMS = 0.01
_HANDS = {"kai": "kai", "wenkai": "kai", "song": "song", "Noto Serif CJK SC": "song"}
_UNSEEN = -30.0  # Log odds of what was not found.


@dataclass(frozen=True)
class Outcome:
    """The same with the recogniser's doubt and the log odds of the picture: for what was wanted, and all in all."""

    found: Found
    doubt: float
    picture: float
    intact: float
    sound: float


def judged(found: Sequence[Found], model: IntactnessModel) -> list[Outcome]:
    """Return what the model makes of what was read; a character that was not found is the least intact."""
    asked = [q for one in found for q in (one.wanted, one.instead) if q]
    logits = model.judge([q.window for q in asked], [q.character for q in asked])
    known = {id(q): logit for q, logit in zip(asked, logits.tolist(), strict=True)}
    outcomes = []
    for one in found:
        pairs = [(q.doubt, known[id(q)]) if q else (1.0, _UNSEEN) for q in (one.wanted, one.instead)]
        intact, other = model.combine(*np.transpose(pairs)).tolist()
        outcomes.append(Outcome(one, *pairs[0], intact, max(intact, other)))
    return outcomes


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return how often a right character scores above a wrong one, ties counting half."""
    ranks = rankdata(np.concatenate([right, wrong]))
    n, m = len(right), len(wrong)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


SCORES: dict[str, Callable[[Outcome], float]] = {
    "plain reading": lambda o: o.found.plain,
    "line confidence": lambda o: o.found.confidence,
    "P(expected)": lambda o: -o.doubt if o.doubt > 0.5 else float(odds(np.array([o.doubt]))[0]),
    "picture": lambda o: o.picture,
    "intact": lambda o: o.intact,
    "sound": lambda o: o.sound,
}


def table(found: list[Outcome], rows: dict[str, Callable[[Outcome], bool]], names: Sequence[str]) -> list[str]:
    """Return lines of a table in Markdown: the mean AUC over all kinds, and of each."""
    kinds = list(DAMAGES)
    lines = ["| | " + " | ".join(["**mean**", *kinds]) + " |", "|---" * (len(kinds) + 2) + "|"]
    for title, chosen in rows.items():
        members = [o for o in found if chosen(o) and o.found.is_target]
        for name in names:
            score = SCORES[name]
            right = [score(o) for o in members if o.found.kind is None]
            values = [auc(right, [score(o) for o in members if o.found.kind == kind]) for kind in kinds]
            label = f"{title} {name}".strip()
            lines.append(f"| {label} | **{np.mean(values):.3f}** | " + " | ".join(f"{v:.3f}" for v in values) + " |")
    return lines


def fit(outcomes: list[Outcome]) -> dict[str, float]:
    """Return the constants of metrics/readers/intactness.py that make 1% false alarms, in either script.

    Sans, song and kai count alike, however many faces there are of each.
    """
    right = [o for o in outcomes if o.picture > _UNSEEN and o.found.kind is None]
    chinese = _least_percent([o for o in right if not _is_english(o)])
    latin = _least_percent([o for o in right if _is_english(o)])
    # The shift that Latin letters have already is taken back.
    return {"_BIAS": -chinese, "LATIN_SHIFT": chinese - latin + LATIN_SHIFT}


def _least_percent(outcomes: list[Outcome]) -> float:
    """Return the evidence below which 1% of them lie."""
    hands = [_HANDS.get(o.found.face, "sans") for o in outcomes]
    order = np.argsort([evidence_of(o) for o in outcomes])
    shares = np.cumsum([1 / hands.count(hands[i]) for i in order]) / len(set(hands))
    return evidence_of(outcomes[order[int(np.searchsorted(shares, _FALSE_ALARMS))]])


def evidence_of(outcome: Outcome) -> float:
    """Return the sum of both log odds, before the bias."""
    return outcome.picture + DOUBT_SHARE * float(odds(np.array([outcome.doubt]))[0])


def _is_english(outcome: Outcome) -> bool:
    return outcome.found.group == ENGLISH


def false_alarms(found: list[Outcome], rows: dict[str, Callable[[Outcome], bool]]) -> list[str]:
    """Return lines of a table: how many well-drawn characters come below 0.5, with a 95% interval (Wilson)."""
    lines = ["| | well drawn | called malformed | share | 95% interval |", "|---|--:|--:|--:|---|"]
    for title, chosen in rows.items():
        members = [o for o in found if chosen(o) and o.found.kind is None and o.picture > _UNSEEN]
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
        shares = [np.mean([SCORES[name](o) < 0.5 for o in found if o.found.kind == kind]) for kind in kinds]
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
    found = [o for o in everybody if o.found.group not in (ENGLISH, stroke_vectors.GROUP)]
    by_strokes = {"kai by strokes": lambda o: o.found.group == stroke_vectors.GROUP}
    english = {ENGLISH: lambda o: o.found.group == ENGLISH}
    everything = {"": lambda o: True}
    shipped = {
        "shipped faces": lambda o: o.found.group == "shipped",
        "held-out faces": lambda o: o.found.group == HELD_OUT,
    }
    faces = {name: (lambda o, name=name: o.found.face == name) for name in dict.fromkeys(o.found.face for o in found)}
    sizes = {
        f"{size} px": (lambda o, size=size: o.found.size == size) for size in sorted({o.found.size for o in found})
    }
    where = {
        "in a line": lambda o: not o.found.is_alone,
        "alone": lambda o: o.found.is_alone,
        "plain": lambda o: o.found.is_plain,
        "lively": lambda o: not o.found.is_plain,
    }
    names = ["plain reading", "line confidence", "P(expected)", "intact"]
    return (
        Path(__file__)
        .with_name("legibility.md.in")
        .read_text()
        .format(
            count=count,
            seed=seed,
            damaged=sum(o.found.kind == next(iter(DAMAGES)) for o in found),
            places=sum(o.found.is_target and o.found.kind is None for o in found),
            all="\n".join(table(found, everything, [*names[:3], "picture", "intact", "sound"])),
            caught="\n".join(caught(found)),
            groups="\n".join(table(found, shipped, names)),
            where="\n".join(table(found, where, ["P(expected)", "intact"])),
            faces="\n".join(table(found, faces, ["P(expected)", "intact"])),
            sizes="\n".join(table(found, sizes, ["P(expected)", "intact"])),
            strokes="\n".join(table(everybody, by_strokes, [*names[:3], "picture", "intact"])),
            alarms="\n".join(
                false_alarms(
                    everybody,
                    {"Chinese": lambda o: o.found.group in ("shipped", HELD_OUT)}
                    | shipped
                    | faces
                    | sizes
                    | where
                    | english
                    | by_strokes,
                )
            ),
        )
    )


def main() -> None:
    """Measure, or fit, as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fonts", type=Path)
    parser.add_argument("--count", type=int, default=50, help="places in each group of faces")
    parser.add_argument("--strokes", type=Path, required=True, help="the npm package hanzi-writer-data, unpacked")
    parser.add_argument("--lines", type=int, default=120, help="more places without damage, for false alarms")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--keep", type=Path, help="a file for what was read; where it is there, nothing is read again")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    faces = _faces(options.fonts, options.fit)
    if options.keep and options.keep.exists():
        found = pickle.loads(options.keep.read_bytes())
    else:
        seed = options.seed + 1000 * options.fit
        found = measure(faces, list(DAMAGES), options.count, seed, held=not options.fit)
        found += measure(faces, (), options.lines, seed + 500, held=not options.fit)
        if options.strokes and not options.fit:
            found += stroke_vectors.measure(options.strokes, options.count // 2, options.seed + 7)
        if options.keep:
            options.keep.write_bytes(pickle.dumps(found))
    outcomes = judged(found, IntactnessModel())
    if options.fit:
        print("\n".join(f"{name} = {value:.3f}" for name, value in fit(outcomes).items()))
        return
    docs = Path(__file__).parent.parent / "docs"
    (docs / "legibility.md").write_text(report(outcomes, options.count, options.seed))
    shown = [*faces["shipped"], FACES["sans-900"], *faces[HELD_OUT]][:5]
    sheet(shown, options.seed).save(docs / "legibility-examples.png", optimize=True)


def _faces(folder: Path | None, is_fit: bool) -> dict[str, list[Face]]:
    """Return faces by group, to fit with or to measure with."""
    latin = [FACES[name] for name in ("latin-sans", "latin-serif", "latin-book", "latin-book-italic")]
    if is_fit:
        trained = [sans(100), sans(400), sans(900), FACES["serif"]]
        files = {
            "wenkai": "LXGWWenKai-Regular.ttf",
            "zenhei": "wqy-zenhei.ttc",
            "song": "gbsn00lp.ttf",
            "kai": "ukai.ttc",
        }
        trained += [own_face(name, folder, file) for name, file in files.items()] if folder else []
        return {"trained": trained, ENGLISH: latin}
    held_out = [sans(200), sans(600)]
    files = {"TW-Kai": "TW-Kai-98_1.ttf", "AR PL UMing": "uming.ttc", "WenQuanYi Micro Hei": "wqy-microhei.ttc"}
    held_out += [own_face(name, folder, file) for name, file in files.items()] if folder else []
    return {"shipped": [sans(400), FACES["serif"]], HELD_OUT: held_out, ENGLISH: latin}


if __name__ == "__main__":
    main()
