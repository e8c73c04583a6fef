"""From probabilities to characters: which script, and where spaces stand."""

import numpy as np
import pytest

from bench.calibration.categories import categories
from bench.generators import Job
from bench.generators.table import open_generator
from metrics.readers import open_reader
from metrics.readers.decoding import Run, decode
from metrics.readers.scripts import in_one_script
from metrics.readers.spaces import with_spaces

CHARACTERS = ("", "满", "滿", "减", "減", "元", "A", "B", " ")
LABELS = {character: label for label, character in enumerate(CHARACTERS)}
SPACE = LABELS[" "]


def steps(*places):
    """Probabilities at each step, from {character: probability}; the blank has the rest."""
    values = np.zeros((len(places), len(CHARACTERS)), np.float32)
    for row, place in zip(values, places, strict=True):
        for character, probability in place.items():
            row[LABELS[character]] = probability
        row[0] = 1 - row.sum()
    return values


def text(runs):
    return "".join(CHARACTERS[run.label] for run in runs)


def test_repeats_are_merged_and_blanks_dropped():
    runs = decode(steps({}, {"A": 0.9}, {"A": 0.8}, {}, {"A": 0.7}, {"B": 0.6}))
    assert runs == [Run(6, 1, 2), Run(6, 4, 4), Run(7, 5, 5)]
    assert [run.middle for run in runs] == [2.0, 4.5, 5.5]
    assert runs[0].likelihood(steps({}, {"A": 0.9}, {"A": 0.8}), LABELS["A"]) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param([{"满": 0.97}, {"減": 0.6, "减": 0.4}], "满减", id="simplified among simplified"),
        pytest.param([{"滿": 0.97}, {"减": 0.6, "減": 0.4}], "滿減", id="traditional among traditional"),
        pytest.param([{"满": 0.9, "滿": 0.1}, {"減": 0.9, "减": 0.1}, {"满": 0.9}], "满减满", id="outvoted"),
        pytest.param([{"满": 0.97}, {"減": 0.95, "减": 0.05}], "满減", id="surely traditional"),
        pytest.param([{"元": 0.97}, {"減": 0.6, "减": 0.4}], "元減", id="a line that tells nothing"),
        pytest.param([{"满": 0.9}, {"滿": 0.9}, {"減": 0.6, "减": 0.4}], "满滿減", id="both scripts"),
        pytest.param([{"满": 0.6, "滿": 0.4}, {"減": 0.6, "减": 0.4}], "满減", id="two doubtful ones"),
    ],
)
def test_a_doubtful_form_takes_the_script_of_its_line(places, expected):
    values = steps(*places)
    assert text(in_one_script(decode(values), values, CHARACTERS, LABELS)) == expected


def bars(*places):
    """A white strip, 100 by 50 pixels, with black bars at (start, end)."""
    crop = np.full((50, 100, 3), 255, np.uint8)
    for start, end in places:
        crop[10:40, start:end] = 0
    return crop


CLOSE = bars((5, 15), (20, 30), (35, 45), (50, 60))
APART = bars((5, 15), (20, 30), (45, 55), (60, 70))


@pytest.mark.parametrize(
    ("crop", "thought", "expected"),
    [
        pytest.param(APART, 0.3, "AB BA", id="thought of, wide gap"),
        pytest.param(APART, 0.01, "ABBA", id="wide gap alone"),
        pytest.param(CLOSE, 0.3, "ABBA", id="thought of, usual gap"),
    ],
)
def test_a_space_stands_where_it_was_thought_of_and_the_gap_is_wide(crop, thought, expected):
    # Ten steps of ten pixels; the space is thought of between the second character and the third.
    values = steps({"A": 1}, {}, {"B": 1}, {" ": thought}, {}, {"B": 1}, {"A": 1}, {}, {}, {})
    runs = with_spaces(decode(values), values, 10.0, crop, CHARACTERS)
    assert text(runs) == expected
    if " " in expected:
        assert runs[2] == Run(SPACE, 3, 3)


def test_a_space_that_was_read_is_not_doubled():
    values = steps({"A": 1}, {}, {"B": 1}, {" ": 0.4}, {" ": 0.6}, {"B": 1}, {"A": 1}, {}, {}, {})
    assert text(with_spaces(decode(values), values, 10.0, APART, CHARACTERS)) == "AB BA"


@pytest.mark.parametrize("number", [4, 11])
def test_prices_and_numbers_are_read_with_their_form_and_their_spaces(number):
    category = categories()["digits"]
    prompt = category.prompts[number]
    (picture,) = open_generator(category.spec).generate([Job(prompt, 60_000 + number)])
    reading = open_reader("ppocr").read(np.asarray(picture.image.convert("RGB")))
    assert [line.text for line in reading.lines] == [prompt.regions[0].text]
    places = [min(x for x, _ in character.polygon) for character in reading.lines[0].characters]
    assert places == sorted(places)
