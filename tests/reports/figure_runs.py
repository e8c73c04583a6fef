"""Runs for the tests of figures: what is read differs from what was asked for in known places."""

from bench.reader_record import ReaderRecord
from prompts.suite import Prompt, Region, Size, Suite

READER = ReaderRecord("faultless", {"engine": "faultless", "numpy": "2.0"}, None)


def prompt(name, *texts, language="zh", group=None, size=(64, 64)):
    regions = tuple(map(Region, texts))
    return Prompt(name, "“" + "”“".join(texts) + "”", language, group or name, Size(*size), regions, ("sign",))


def suite(*prompts, name="signs", language="zh", seeds=(0, 1)):
    return Suite(name, "1", language, "Signs", "For tests", "this project", "Apache-2.0", seeds, "standard", prompts)


def wrong_from(count):
    """Reads the last `count` characters of each text as one that is never asked for."""
    return lambda asked, seed: [text[: len(text) - count] + "错" * min(count, len(text)) for text in asked.targets]
