"""Complete run folders without pictures: what is read is what the typesetter would have written, read without fault."""

from bench.generators.typeset.mistakes import Shares, write
from bench.manifest import Manifest, ModelEntry, SuiteEntry
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample
from bench.run import Run
from bench.run_folder import RunFolder
from metrics.reading import Line, Reading
from prompts.suite import Prompt, Region, Size, Suite

READER = ReaderRecord("faultless", {"engine": "faultless", "numpy": "2.0"}, None)
HANZI = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


def suite_of(count=60, *, language="zh", version="1", groups=None, seeds=(0, 1, 2, 3)):
    """A suite of signs of four to ten characters each; `groups` prompts share one group where it is given."""
    prompts = []
    for n in range(count):
        text = "".join(HANZI[(7 * n + 3 * i) % len(HANZI)] for i in range(4 + n % 7))
        group = f"group-{n if groups is None else n % groups:03}"
        asked = Prompt(
            f"{language}-{n:03}", f"“{text}”", language, group, Size(64, 64), (Region(text),), (f"t{n % 3}",)
        )
        prompts.append(asked)
    return Suite(
        f"signs-{language}", version, language, "Signs", "For tests", "this project", "Apache-2.0", seeds, "standard",
        tuple(prompts),
    )  # fmt: skip


def texts_with(errors, draw=0):
    """What is read where each kind of error takes a fifth of the share `errors`, as in `typeset?errors=…&draw=…`."""
    shares = Shares(*[errors / 5] * 5)
    return lambda prompt, seed: [writing.drawn for writing in write(prompt, seed + 2**32 * draw, shares)]


def written_run(path, read, suite=None, *, name="model", reader=READER, seeds=None, limit=None, **told):
    """The run in the new folder `path`, scored; `read(prompt, seed)` is lines, or a status other than `ok`."""
    suite = suite or suite_of()
    seeds = seeds or suite.seeds
    folder = RunFolder(path)
    path.mkdir(parents=True)
    folder.write_suite(suite)
    reader.write(path)
    folder.write_manifest(
        Manifest(
            **{
                "status": "complete",
                "glyphbench": "0.1.0",
                "created": "2026-01-02T03:04:05+00:00",
                "suite": SuiteEntry(name=suite.name, version=suite.version, digest=suite.digest),
                "model": ModelEntry(name=name, spec=name, identity={}, digest=f"{name:0<64}", is_model=True),
                "seeds": seeds,
                "limit": limit,
                "readers": {reader.short: {"name": reader.name, **reader.signature}},
                "environment": {"packages": {"torch": "2.9"}, "accelerators": []},
                **told,
            }
        )
    )
    samples, readings = [], []
    for prompt in suite.prompts[:limit]:
        for seed in seeds:
            lines = read(prompt, seed)
            if isinstance(lines, str):
                samples.append(Sample(prompt.id, seed, lines, reason="for the test"))
                continue
            samples.append(Sample(prompt.id, seed, "ok", f"images/{prompt.id}/{seed}.png", "0" * 64, 64, 64))
            places = [((0, y), (9, y), (9, y + 1), (0, y + 1)) for y in range(len(lines))]
            drawn = tuple(Line(text, 1.0, place) for text, place in zip(lines, places, strict=True) if text)
            readings.append(ReadingRecord(prompt.id, seed, "0" * 64, Reading(64, 64, drawn)))
    _write(folder, reader, samples, readings)
    run = Run.open(path)
    run.score()
    return run


def _write(folder, reader, samples, readings):
    """Write all records at once: one by one, each would be forced to the disk."""
    import json
    from dataclasses import asdict

    for journal, records in ((folder.samples_journal, samples), (folder.readings_journal(reader.short), readings)):
        lines = (json.dumps(asdict(record), ensure_ascii=False) for record in records)
        journal.path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
