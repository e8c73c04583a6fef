"""A reader for tests: what it reads, and how intact it finds each character, is written in the picture's own pixels."""

import json

import numpy as np
from PIL import Image

from metrics.evidence import CharacterEvidence, weighable
from metrics.reading import Line, Reading

WIDTH = 64


def scripted_picture(lines, intact=None):
    """Return a picture in which the reader reads `lines`; `intact` gives its evidence by target character."""
    script = json.dumps({"lines": lines, "intact": intact or {}}).encode()
    data = np.frombuffer(script.ljust(-(-len(script) // (3 * WIDTH)) * 3 * WIDTH), np.uint8)
    return Image.fromarray(data.reshape(-1, WIDTH, 3))


class ScriptedReader:
    """Without evidence."""

    characters = None

    def __init__(self, spec):
        self.signature = {"engine": "scripted"}

    def read(self, image):
        lines = self.script(image)["lines"]
        places = [((0, y), (9, y), (9, y + 1), (0, y + 1)) for y in range(len(lines))]
        drawn = (Line(text, 1.0, place) for text, place in zip(lines, places, strict=True))
        return Reading(image.shape[1], image.shape[0], tuple(drawn))

    def script(self, image):
        return json.loads(image.tobytes())


class WeighingReader(ScriptedReader):
    """With evidence: 0.9 for a character of which the picture's script says nothing."""

    def __init__(self, spec):
        self.signature = {"engine": "scripted", "evidence": 1}

    def weigh(self, image, prompt, profile):
        intact = self.script(image)["intact"]
        found = tuple(
            CharacterEvidence(
                e.region, e.position, e.target, probability=0.5, read=e.target, intact=intact.get(e.target, 0.9)
            )
            for e in weighable(prompt, profile, None)
        )
        return self.read(image), found
