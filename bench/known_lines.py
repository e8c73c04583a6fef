"""Twenty known lines, drawn by the typesetter with a fixed seed: what `doctor` has a reader read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.generators import Job, Picture
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Orientation, Prompt, Region, Size

SEED = 20
SIZE = Size(768, 512)

ZH = (
    "欢迎光临",
    "营业时间：9:00—21:30",
    "小心台阶，注意安全！",
    "第3号窗口",
    "现磨咖啡 18元一杯",
    "雨停了，天边挂起一道彩虹。",
    "《山海经》故事选",
    "电话：010-6258 3307",
)
ZH_COLUMNS = ("海内存知己", "天涯若比邻")
EN = (
    "OPEN DAILY",
    "Mind the step!",
    "Platform 9, track 2",
    "Fresh bread: $4.50",
    "Please keep to the left",
    "Est. 1987",
    "Tickets (2 for 1) on Monday",
    "Room 306: library & archive",
    "Is this the way to the harbour?",
    "Quick brown foxes jump over lazy dogs",
)


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line and its picture (RGB, of shape (height, width, 3))."""

    prompt: Prompt
    image: NDArray[np.uint8]


def draw_known_lines() -> Iterator[KnownLine]:
    """Yield the twenty lines, ten in Chinese and ten in English, in plain lettering.

    Raises:
        GlyphbenchError: The typesetter cannot draw one of them.
    """
    prompts = [*_prompts("zh", ZH, None), *_prompts("zh-column", ZH_COLUMNS, "vertical"), *_prompts("en", EN, None)]
    for outcome in open_generator("typeset").generate([Job(prompt, SEED) for prompt in prompts]):
        if not isinstance(outcome, Picture):
            raise GlyphbenchError(f"the typesetter cannot draw {outcome.job.prompt.id}: {outcome.reason}")
        yield KnownLine(outcome.job.prompt, np.asarray(outcome.image.convert("RGB")))


def _prompts(name: str, texts: tuple[str, ...], orientation: Orientation | None) -> Iterator[Prompt]:
    for number, text in enumerate(texts, 1):
        yield Prompt(
            id=f"{name}-{number}",
            text=text,
            language=name[:2],
            group=f"{name}-{number}",
            size=SIZE,
            regions=(Region(text, orientation=orientation),),
        )
