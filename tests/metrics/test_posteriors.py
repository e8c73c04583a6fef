"""What is kept of a recogniser's probabilities, with its real model and on made-up ones."""

import numpy as np
import pytest

from metrics.readers import open_reader
from metrics.readers.posteriors import BLANK, kept
from metrics.readers.pyramid import Pyramid
from tests.metrics.test_ppocr import drawn


@pytest.fixture(scope="module")
def lines():
    reader = open_reader("ppocr")
    image, _ = drawn(("欢迎光临", 60, 40, 64), ("Keep left", 60, 300, 40))
    labels = {text: label for label, text in enumerate(reader._models[1].characters)}
    keep = frozenset(labels[character] for character in "欢歡临Kk龟")
    return reader, image, labels, reader._lines(Pyramid(image), keep)


def test_the_likeliest_labels_spell_the_line(lines):
    _, _, labels, (chinese, english) = lines
    texts = {label: text for text, label in labels.items()}
    for read in (chinese, english):
        posteriors = read.recognition.posteriors
        best = posteriors.labels[posteriors.probabilities.argmax(axis=1)]
        spelt = [texts[label] for i, label in enumerate(best) if i == 0 or label != best[i - 1]]
        assert "".join(spelt) == read.line.text


def test_labels_asked_for_are_kept_likely_or_not(lines):
    _, _, labels, read = lines
    posteriors = read[0].recognition.posteriors
    assert posteriors.labels[0] == BLANK
    assert (np.diff(posteriors.labels) > 0).all()
    expected, unlikely = (posteriors.column(labels[character]) for character in "欢龟")
    assert posteriors.probabilities[:, expected].max() > 0.9
    assert posteriors.probabilities[:, unlikely].max() < 0.01
    assert posteriors.column(labels["鬱"]) is None
    assert posteriors.column(10**9) is None


def test_little_is_kept_and_little_is_lost(lines):
    for read in lines[3]:
        probabilities = read.recognition.posteriors.probabilities
        assert probabilities.dtype == np.float32
        assert probabilities.nbytes < 100_000
        assert (probabilities.sum(axis=1) > 0.95).all()


def test_steps_lead_back_to_the_picture(lines):
    _, image, labels, (read, _) = lines
    posteriors = read.recognition.posteriors
    for i, character in enumerate("欢迎光临"):
        step = posteriors.probabilities[:, posteriors.column(labels[character])].argmax()
        quadrilateral = read.band.part(step / posteriors.span, (step + 1) / posteriors.span)
        assert abs(quadrilateral[:, 0].mean() - (60 + 64 * i + 32)) < 24
    assert (read.band.cut(image) == read.crop).all()


def test_reading_is_the_same_with_and_without_posteriors(lines):
    reader, image, _, read = lines
    assert reader.read(image).lines == tuple(one.line for one in read)
    assert all(one.recognition.posteriors is None for one in reader._lines(Pyramid(image)))


def test_the_best_of_each_step_are_kept():
    rng = np.random.default_rng(3)
    steps = rng.dirichlet(np.full(500, 0.05), 40).astype(np.float32)
    posteriors = kept(steps, frozenset({7, 499}), 38.5)
    assert {0, 7, 499} <= set(posteriors.labels.tolist())
    assert set(np.argsort(steps, axis=1)[:, -8:].ravel().tolist()) <= set(posteriors.labels.tolist())
    assert (posteriors.probabilities == steps[:, posteriors.labels]).all()


def test_few_labels_in_all_are_all_kept():
    steps = np.eye(4, dtype=np.float32)
    assert kept(steps, frozenset(), 4.0).labels.tolist() == [0, 1, 2, 3]
