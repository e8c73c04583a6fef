"""Evidence as metrics: what counts as malformed, and what a character gets for which nothing is drawn."""

from dataclasses import replace

import pytest

from metrics.evidence import MALFORMED_BELOW, CharacterEvidence, weighable
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.reading import Reading
from metrics.score import Missing, Score
from metrics.table import METRICS
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]
DRAWN = CharacterEvidence(0, 0, "福", 0, "福", 0.9, "神", 0.1, 0.8, None, ((0, 0), (9, 0), (9, 9), (0, 9)))


def prompt(*targets):
    return Prompt("one", "", "zh", "one", Size(512, 512), tuple(Region(target) for target in targets))


def scores(evidence, asked=None):
    judgement = judge(asked or prompt("福到"), Reading(512, 512), STANDARD, None, evidence)
    return METRICS["legibility"].score(judgement), METRICS["malformed"].score(judgement)


def test_evidence_is_about_every_character_with_ink_that_the_reader_can_put_out():
    found = list(weighable(prompt("Hi 福", "吉𠮷"), STANDARD, STANDARD.readable("Hi福吉")))
    assert [(e.region, e.position, e.target) for e in found] == [(0, 0, "h"), (0, 1, "i"), (0, 2, "福"), (1, 0, "吉")]
    assert all((e.probability, e.intact, e.polygon, e.line) == (0.0, None, None, None) for e in found)
    assert [e.target for e in weighable(prompt("𠮷"), STANDARD, None)] == ["𠮷"]


def test_where_nothing_is_drawn_legibility_is_zero_and_nothing_is_malformed():
    legibility, malformed = scores(tuple(weighable(prompt("福到"), STANDARD, None)))
    assert legibility == Score(0.0, 2)
    assert malformed == Missing("no character to judge is drawn")


def test_a_reader_without_evidence_has_no_legibility():
    assert scores(None) == (Missing("this reader gives no character evidence"),) * 2


def test_without_a_target_there_is_no_legibility():
    assert scores((), prompt()) == (Missing("no target"),) * 2


def test_missing_characters_lower_legibility_and_are_not_malformed():
    missing = CharacterEvidence(0, 1, "到", 0, "", 0.02, "", 0.9)
    legibility, malformed = scores((DRAWN, missing))
    assert legibility == Score(pytest.approx(0.92), 2)
    assert malformed == Score(0, 1)


@pytest.mark.parametrize(
    ("read", "intact", "read_intact", "is_malformed"),
    [
        ("福", MALFORMED_BELOW, None, False),
        ("福", MALFORMED_BELOW - 0.01, None, True),
        ("神", 0.0, MALFORMED_BELOW, False),
        ("神", 0.0, MALFORMED_BELOW - 0.01, True),
        ("神", 0.0, None, True),
        ("，", None, None, False),
    ],
)
def test_a_wrong_character_that_is_well_drawn_is_wrong_and_not_malformed(read, intact, read_intact, is_malformed):
    assert replace(DRAWN, read=read, intact=intact, read_intact=read_intact).is_malformed == is_malformed
