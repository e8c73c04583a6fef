"""CogView4 driven in phases: all texts are encoded, then batches of pictures drawn while earlier ones are decoded.

At one picture a batch it gives, bit for bit, what `pipeline(prompt, generator=…)` gives.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from bench.generators import JSON, Effort, Failure, Job, Outcome, Picture
from bench.generators.diffusion.batches import Batch, batches
from bench.generators.diffusion.encoding import encode
from bench.generators.diffusion.faults import (
    CALL_FAULTS,
    describe,
    fault_in,
    fault_in_latents,
    first_line,
    is_out_of_memory,
)
from bench.generators.diffusion.keys import Keys
from bench.generators.diffusion.memory import Anatomy, Demand, Layout, smaller_plan
from bench.generators.diffusion.metering import Meter
from bench.generators.diffusion.parts import Parts
from bench.generators.diffusion.spill import Spill
from prompts.suite import Size

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Drawn:
    """A picture as latents on the device, or why there are none."""

    job: Job
    latents: Any = None
    fault: str | None = None
    efforts: tuple[Effort, ...] = ()
    details: Mapping[str, JSON] = field(default_factory=dict)


class Engine:
    """Draws the pictures of jobs with the parts of one model.

    Args:
        parts: Of the model.
        layout: Where they are, and when.
        anatomy: What they weigh.
        arguments: Steps and guidance.
        keys: Under which unfinished work is kept.
        width: Pictures a batch.
        device: Where it runs.
    """

    def __init__(
        self,
        parts: Parts,
        layout: Layout,
        anatomy: Anatomy,
        arguments: Mapping[str, float],
        keys: Keys,
        width: int,
        device: str,
    ) -> None:
        self._parts, self._layout, self._anatomy = parts, layout, anatomy
        self._arguments, self._keys, self._width, self._device = arguments, keys, width, device
        self._meter = Meter(device)
        self._efforts: dict[str, Effort] = {}
        self._faults: dict[str, str] = {}
        self._lengths: dict[str, int] = {}
        self._widest: dict[Size, int] = {}

    def paint(self, jobs: Sequence[Job], spill: Spill) -> Iterator[Outcome]:
        """Yield the picture of each job, or why there is none; at one picture a batch in the order of the jobs.

        Jobs that are found drawn in `spill` come first. What a picture left there stays until the caller drops it.
        """
        self._faults.clear()
        spill.keep_only(self._keys.all_of(jobs, negative=self._guided))
        kept = {key for job in jobs if spill.get(key := self._keys.latents(job)) is not None}
        drawn = [job for job in jobs if self._keys.latents(job) in kept]
        rest = [job for job in jobs if self._keys.latents(job) not in kept]
        self._encode(rest, spill)
        for job in rest:
            if fault := self._faults.get(job.prompt.text):
                yield Failure(job, "infra", fault)
        rest = [job for job in rest if job.prompt.text not in self._faults]
        plan = [Batch(job.prompt.size, (job,)) for job in drawn]
        plan += batches(rest, self._width, {job.prompt.text: self._length(job, spill) for job in rest})
        if self._layout.meanwhile:
            yield from self._decoded(self._latents(batch, spill) for batch in plan)
            return
        computed: list[_Drawn] = []
        for batch in plan:
            computed += [replace(found, latents=None) for found in self._latents(batch, spill)]
        self._parts.release("painter")
        yield from self._decoded(
            [replace(found, latents=spill.get(self._keys.latents(found.job)))] for found in computed
        )
        self._parts.release("decoder")

    @property
    def _guided(self) -> bool:
        return self._arguments["guidance_scale"] > 1

    def _encode(self, jobs: Sequence[Job], spill: Spill) -> None:
        """Encode every text that is not in `spill` yet, each once; note those that cannot be."""
        texts = dict.fromkeys([job.prompt.text for job in jobs] + ([""] if self._guided and jobs else []))
        missing = [text for text in texts if spill.get(self._keys.text(text)) is None]
        if not missing:
            return
        if self._layout.encoder != "kept":
            self._parts.release("painter", "decoder")
        tokenizer, encoder = self._parts.encoder(self._layout)
        for text in missing:
            try:
                with self._meter.measure() as reading:
                    embedding = encode(tokenizer, encoder, text, self._device)
                    spill.put(self._keys.text(text), embedding)
            except CALL_FAULTS as error:
                _log.debug("encoding %r", text, exc_info=True)
                self._faults[text] = f"the text cannot be encoded: {describe(error)}"
            else:
                self._efforts[text] = reading.effort("encode", self._notes)
                self._lengths[text] = embedding.shape[1]
        del tokenizer, encoder
        if self._layout.encoder != "kept":
            self._parts.release("encoder")
        if "" in self._faults:
            self._faults.update(dict.fromkeys(texts, self._faults[""]))

    def _length(self, job: Job, spill: Spill) -> int:
        """Return how many tokens a job's text has, padding included."""
        text = job.prompt.text
        if text not in self._lengths:
            self._lengths[text] = spill.get(self._keys.text(text)).shape[1]
        return self._lengths[text]

    def _latents(self, batch: Batch, spill: Spill) -> list[_Drawn]:
        """Return the latents of a batch: those kept, or drawn now and kept."""
        if len(batch.jobs) == 1 and (kept := spill.get(self._keys.latents(batch.jobs[0]))) is not None:
            return [_Drawn(batch.jobs[0], kept)]
        if len(batch.jobs) > self._widest.get(batch.size, len(batch.jobs)):
            return [found for half in batch.halves() for found in self._latents(half, spill)]
        try:
            with self._meter.measure() as reading:
                latents = self._draw(batch, spill)
                faults = [fault_in_latents(picture) for picture in latents]
                for job, picture, fault in zip(batch.jobs, latents, faults, strict=True):
                    if fault is None:
                        spill.put(self._keys.latents(job), picture)
        except CALL_FAULTS as error:
            _log.debug("%s", batch, exc_info=True)
            starved, broken = is_out_of_memory(error), self._reason(error, batch)
        else:
            effort = reading.effort("denoise", {**self._notes, "batch": len(batch.jobs)}, len(batch.jobs))
            return [
                _Drawn(job, picture, fault, self._efforts_of(job, effort), self._details(batch))
                for job, picture, fault in zip(batch.jobs, latents, faults, strict=True)
            ]
        # Outside the handler, because the error holds on to all that the call had on the device.
        self._parts.clear()
        if not starved or len(batch.jobs) == 1:
            return [_Drawn(job, fault=broken) for job in batch.jobs]
        self._widest[batch.size] = len(batch.jobs) // 2
        _log.warning("out of memory with %d pictures a batch of %dx%d; halved", len(batch.jobs), *batch.size)
        return [found for half in batch.halves() for found in self._latents(half, spill)]

    def _draw(self, batch: Batch, spill: Spill) -> Any:  # noqa: ANN401 - a tensor
        painter = self._parts.painter(self._layout)
        return painter.draw(
            [spill.get(self._keys.text(job.prompt.text)) for job in batch.jobs],
            spill.get(self._keys.text("")) if self._guided else None,
            [job.seed for job in batch.jobs],
            batch.size,
            self._arguments,
        )

    def _details(self, batch: Batch) -> dict[str, JSON]:
        """Return what a sample's record says of its batch: nothing in the exact tier."""
        if self._width == 1:
            return {}
        halved: dict[str, JSON] = {"halved_from": batch.halved_from} if batch.halved_from else {}
        return {"batch": len(batch.jobs), **halved}

    def _efforts_of(self, job: Job, effort: Effort) -> tuple[Effort, ...]:
        """Return the efforts of a picture; the encoding of a text counts for the first picture of it."""
        encoding = self._efforts.pop(job.prompt.text, None)
        return (encoding, effort) if encoding else (effort,)

    def _decoded(self, drawn: Iterator[list[_Drawn]]) -> Iterator[Outcome]:
        """Yield the pictures of batches of latents, decoded one by one while the next batch is drawn."""
        waiting: deque[tuple[_Drawn, Any]] = deque()
        ahead = 0
        for batch in drawn:
            decoder = self._parts.decoder()
            before, ahead = len(waiting), decoder.ahead and len(batch)
            waiting.extend((found, self._start(found)) for found in batch)
            for _ in range(before if ahead else len(waiting)):
                yield self._finish(*waiting.popleft())
        while waiting:
            yield self._finish(*waiting.popleft())

    def _start(self, drawn: _Drawn) -> Any:  # noqa: ANN401 - a decoding or a fault
        """Begin to decode a picture; return what is under way, or what went wrong."""
        if drawn.fault is not None:
            return drawn.fault
        try:
            with self._meter.measure() as reading:
                return (self._parts.decoder().start(drawn.latents), reading)
        except CALL_FAULTS as error:
            fault = self._reason(error, Batch(drawn.job.prompt.size, (drawn.job,)))
        self._parts.clear()
        return fault

    def _finish(self, drawn: _Drawn, started: Any) -> Outcome:  # noqa: ANN401 - a decoding or a fault
        if isinstance(started, str):
            return Failure(drawn.job, "infra", started)
        decoding, reading = started
        decoder = self._parts.decoder()
        pixels, seconds = decoder.finish(decoding)
        if seconds is not None:
            reading.seconds = seconds
        if fault := fault_in(pixels, drawn.job.prompt.size):
            return Failure(drawn.job, "infra", fault)
        image = Image.fromarray((pixels[0] * 255).round().astype("uint8"))
        efforts = (*drawn.efforts, reading.effort("decode", self._notes))
        return Picture(drawn.job, image, drawn.details, efforts)

    def _reason(self, error: Exception, batch: Batch) -> str:
        """Return a sentence on what a call raised."""
        if not is_out_of_memory(error):
            return describe(error)
        size = batch.size
        if self._device == "cpu":
            remedy = "the main memory does not hold it: ask for a smaller size"
        else:
            remedy = smaller_plan(self._layout, self._anatomy, Demand(size, len(batch.jobs)))
        return f"out of memory at {size.width}x{size.height} ({first_line(error)}); {remedy}"

    @property
    def _notes(self) -> dict[str, JSON]:
        """What every line of timings says beside seconds and bytes."""
        return {"layout": self._layout.name, "peak_of": self._meter.of}
