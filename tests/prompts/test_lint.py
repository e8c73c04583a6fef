from dataclasses import replace

import pytest

from prompts.lint import Finding, lint
from prompts.suite import Box, Prompt, Region, Relation, Size, Suite


def prompt(text="招牌上写着“福”。", *targets, **changes):
    defaults = Prompt(
        id="a",
        text=text,
        language="zh",
        group="a",
        size=Size(1024, 1024),
        regions=tuple(map(Region, targets or ("福",))),
    )
    return replace(defaults, **changes)


def suite(*prompts, **changes):
    defaults = Suite("s", "1", "zh", "t", "d", "src", "l", (0,), "standard", prompts or (prompt(),), quoting="curly")
    return replace(defaults, **changes)


def messages(rule, *suites):
    """Return what `rule` finds, and assert that no other rule finds anything."""
    findings = lint(*suites)
    assert {finding.rule for finding in findings} <= {rule}
    return [finding.message for finding in findings]


def test_a_good_suite_has_no_findings():
    assert lint(suite()) == []


def test_a_finding_says_where_it_is():
    (finding,) = lint(suite(prompt(size=Size(1000, 1024))))
    assert (finding.suite, finding.prompt, finding.rule) == ("s", "a", "sizes")
    assert str(finding) == f"s: a: {finding.message} [sizes]"
    assert str(Finding("s", "", "provenance", "m")) == "s: m [provenance]"


def test_findings_follow_the_order_of_the_prompts():
    first = prompt(size=Size(1000, 1024))
    second = prompt("牌匾：寿", "寿", id="b", group="b")
    rules = [finding.rule for finding in lint(suite(second, first, title=""))]
    assert rules == ["provenance", "quoting", "sizes"]


@pytest.mark.parametrize("key", ["title", "source", "licence"])
def test_a_suite_says_where_it_comes_from(key):
    assert messages("provenance", suite(**{key: " "})) == [f"has no {key}; say it in the head"]


def test_ids_of_suites_made_in_code_are_checked():
    one, two = prompt(id="A B"), prompt("门上贴着“寿”。", "寿", id="a b", group="b")
    assert len(messages("names", suite(one, two))) == 4


@pytest.mark.parametrize(
    ("text", "target", "what"),
    [
        ("写着“福\u200b”", "福\u200b", "U+200B ZERO WIDTH SPACE) is invisible character"),
        ("写\u202e着“福”", "福", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("写\x07着“福”", "福", "U+0007 unnamed) is control character"),
        ("写着“福\ue000”", "福\ue000", "private character"),
        ("写着“福\u00a0寿”", "福\u00a0寿", "white space other than the plain space"),
        ("写着“福\u3000寿”", "福\u3000寿", "IDEOGRAPHIC SPACE"),
        ("写着“cafe\u0301”", "cafe\u0301", "composed form (NFC)"),
        ("写着“福 ”", "福 ", "white space at an end"),
        ("写着  “福”", "福", "twice in a row"),
        ("写着“СТОП”", "СТОП", "CYRILLIC CAPITAL LETTER ES) is neither Latin nor Han"),
        ("写着“カフェ”", "カフェ", "KATAKANA LETTER KA"),
        ("写着“ＡＢ”", "ＡＢ", "is a variant of 'A'"),
        ("写着“⼀”", "⼀", "KANGXI RADICAL ONE) is a variant of '一'"),
        ("写着“\uf900”", "\uf900", "is a variant of '豈'"),
    ],
)
def test_characters_that_cannot_be_told_apart(text, target, what):
    found = messages("characters", suite(prompt(text, target)))
    assert any(what in message for message in found)


@pytest.mark.parametrize("target", ["福，寿！", "二〇二六", "20%", "𠮷", "café", "繁體", "25℃", "你好 world"])
def test_ordinary_targets_are_left_alone(target):
    assert lint(suite(prompt(f"写着“{target}”", target))) == []


@pytest.mark.parametrize(
    ("style", "text", "what"),
    [
        ("curly", '写着"福"。', ["does not stand in the text as “福”", 'has " beside']),
        ("straight", "写着“福”。", ['does not stand in the text as "福"', "has “ ” beside"]),
        ("curly", "写着“福气”。", ["does not stand in the text as “福”", "quotes '福气', which no region asks for"]),
        ("curly", "写着“福”，再写“福”。", ["is quoted 2 times"]),
        ("curly", "“老街”的牌子写着“福”。", ["quotes '老街'"]),
        ("curly", "写着“福”，旁边是「寿」。", ["has 「 」 beside"]),
        ("curly", "写着“福”。”", ["has ” beside"]),
        ("curly", "Dad's and Mum's sign says “福”", ["more than one apostrophe"]),
    ],
)
def test_targets_stand_once_in_the_marks_of_the_suite(style, text, what):
    found = messages("quoting", suite(prompt(text), quoting=style))
    assert len(found) == len(what)
    for part in what:
        assert any(part in message for message in found)


def test_one_apostrophe_and_marks_inside_a_target_are_no_breach():
    good = prompt('Dad\'s sign says "Don’t".', "Don’t")
    assert lint(suite(good, quoting="straight")) == []


def test_a_text_that_two_regions_ask_for_is_quoted_twice():
    assert lint(suite(prompt("左门“福”，右门“福”。", "福", "福"))) == []


def test_a_suite_without_a_style_is_not_judged_by_one():
    assert lint(suite(prompt("牌子：‘福’"), quoting="none")) == []


def test_prompts_that_ask_for_the_same_belong_to_one_group():
    twice = prompt("一张明信片，上面印着“福”。", id="b", group="b")
    assert messages("duplicates", suite(prompt(), twice)) == [
        "has the target of 'a'; change one, or give both one group"
    ]
    assert lint(suite(prompt(), replace(twice, group="a"))) == []


def test_case_and_width_do_not_make_another_target():
    one = prompt("A door sign, “Open!”", "Open!")
    two = prompt("霓虹灯上写着“OPEN！”。", "OPEN！", id="b", group="b")
    assert "has the target of 'a'" in messages("duplicates", suite(one, two))[0]


def test_prompts_that_read_alike_are_found():
    long = "老街上的一家小吃店，门头的深色木匾上刻着金色大字“{}”，门口冒着热气，清晨阳光。"
    one, two = prompt(long.format("面馆"), "面馆"), prompt(long.format("茶馆"), "茶馆", id="b", group="b")
    assert "reads nearly like 'a'" in messages("duplicates", suite(one, two))[0]


def test_prompts_without_a_target_are_not_duplicates_of_each_other():
    one, two = prompt("雪山。", regions=()), prompt("海上的一只船", regions=(), id="b", group="b")
    assert lint(suite(one, two)) == []


def test_a_region_asks_for_something():
    assert messages("regions", suite(prompt("左上角空着", regions=(Region(where="top-left"),)))) == [
        "region 1 has neither text nor caption; give it one"
    ]


@pytest.mark.parametrize("relation", [Relation(0, "above", 1), Relation(0, "above", 0), Relation(-1, "above", 0)])
def test_relations_join_two_regions(relation):
    assert "does not join two regions" in messages("regions", suite(prompt(relations=(relation,))))[0]


def test_places_do_not_overlap():
    outer, inner = Region("福", Box(0.0, 0.0, 0.6, 1.0)), Region("寿", Box(0.2, 0.3, 0.5, 0.6))
    both = prompt("左边“福”，里面“寿”。", regions=(outer, inner))
    assert "regions 1 and 2 overlap" in messages("overlaps", suite(both))[0]
    assert lint(suite(replace(both, relations=(Relation(1, "inside", 0),)))) == []


def test_neighbouring_cells_and_open_places_do_not_overlap():
    cells = ("top-left", "top-centre", "middle-left", None, None)
    regions = tuple(Region(caption=str(number), where=cell) for number, cell in enumerate(cells))
    assert lint(suite(prompt("左上、上中、左中等五景", regions=regions))) == []


@pytest.mark.parametrize("size", [(512, 512), (2048, 1024), (1024, 2048), (832, 1216), (1440, 1440)])
def test_sizes_that_cogview4_makes(size):
    assert lint(suite(prompt(size=Size(*size)))) == []


@pytest.mark.parametrize("size", [(480, 1024), (1024, 2080), (1040, 1024), (2048, 1056), (1472, 1472)])
def test_sizes_that_it_does_not(size):
    assert "is none that CogView4 makes" in messages("sizes", suite(prompt(size=Size(*size))))[0]


@pytest.mark.parametrize(("length", "found"), [((1, 1), 0), ((2, 4), 1), ((0, 0), 1), (None, 0)])
def test_lengths_are_those_of_the_head(length, found):
    assert len(messages("lengths", suite(length=length))) == found


def english(target="JOY", **changes):
    changes = {"id": "en", "language": "en", **changes}
    return suite(prompt(f'A wreath with "{target}".', target, **changes), name="e", quoting="straight", twin="s")


def test_twins_are_compared_where_both_are_given():
    chinese = suite(twin="e")
    assert lint(chinese, english()) == []
    stranger = english(group="other")
    assert lint(chinese) == lint(stranger) == []
    assert messages("twin", chinese, stranger) == [
        "group 'a' has 0 prompts in e; it must have one",
        "group 'other' has 0 prompts in s; it must have one",
    ]


def test_a_group_has_one_twin_only():
    more = english()
    second = replace(more.prompts[0], id="en-2", text='A cake with "YES".', regions=(Region("YES"),))
    found = messages("twin", suite(twin="e"), replace(more, prompts=(*more.prompts, second)))
    assert found == ["group 'a' has 2 prompts in e; it must have one"]


@pytest.mark.parametrize(
    ("twin", "what"),
    [
        (english(size=Size(512, 512)), "in size or in the number of regions"),
        (english(regions=(Region("JOY"), Region(caption="snow"))), "in size or in the number of regions"),
        (english("LONG LIVE"), "has 1 characters and its twin 'en' 8; the twin should have 1 to 6"),
    ],
)
def test_twins_are_comparable(twin, what):
    assert any(what in message for message in messages("twin", suite(twin="e"), twin))


def test_relations_and_places_are_looked_at():
    regions = (Region("福", "top-left"), Region("寿", "top-right"))
    text = "左上角写着“福”，右上角写着“寿”。"
    swapped = prompt(text, regions=regions, relations=(Relation(0, "right-of", 1),))
    assert "'1 right-of 2' contradicts the places" in messages("relations", suite(swapped))[0]
    silent = prompt(text.replace("左上角", "上面"), regions=regions)
    assert "does not say 'left'" in messages("places", suite(silent))[0]
    assert lint(suite(prompt(text, regions=regions))) == []


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("一号窗口", "二号窗口", 1),
        ("窗口", "三号窗口", 1),
        ("OPEN", "open late", 1),
        ("入口", "出口", 0),
        ("福", "福", 0),
    ],
)
def test_texts_of_one_picture_can_be_told_apart(one, other, found):
    both = prompt(f"两块牌子，“{one}”和“{other}”。", one, other)
    assert len(messages("confusables", suite(both))) == found
    assert lint(suite(replace(both, tags=("alike",)))) == []


def pair(**changes):
    chinese, english = prompt(), prompt("A wreath with “JOY”.", "JOY", id="en", language="en")
    return suite(chinese, replace(english, **changes))


def test_pairs_within_a_suite_are_equal():
    assert lint(pair()) == []
    assert lint(suite(prompt(), prompt("木牌上是“寿”。", "寿", id="b", group="b"))) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"size": Size(512, 512)}, "differs from its twin 'en' in size"),
        (
            {"regions": (Region("JOY", orientation="vertical"),), "text": "Stacked “JOY”."},
            "region 1 differs from that of its twin 'en'",
        ),
        ({"regions": (Region("LONG JOY"),), "text": "A wreath, “LONG JOY”."}, "has 1 characters and its twin 'en' 7"),
    ],
)
def test_pairs_that_are_not(changes, what):
    assert what in messages("pairs", pair(**changes))[0]


def test_a_group_of_several_pairs_is_compared_in_order():
    sizes = [Size(512, 512), Size(1024, 512)]
    chinese = [prompt(id=f"zh-{size.width}", size=size) for size in sizes]
    english = [prompt("A “JOY” wreath.", "JOY", id=f"en-{s.width}", language="en", size=s) for s in sizes]
    assert lint(suite(*chinese, *english)) == []
    assert len(messages("pairs", suite(*chinese, *english[::-1]))) == 2


def test_twins_state_the_same_relations():
    texts = {"zh": ("左边“福”，右边“寿”。", "福", "寿"), "en": ("Left “JOY”, right “ART”.", "JOY", "ART")}
    chinese, english = (prompt(*words, id=language, language=language) for language, words in texts.items())
    related = replace(chinese, relations=(Relation(0, "left-of", 1),))
    assert messages("pairs", suite(related, english)) == [
        "differs from its twin 'en' in its relations; make them equal"
    ]


def test_every_group_has_its_pair_where_one_has():
    lonely = prompt("木牌上是“寿”。", "寿", id="b", group="b")
    found = messages("pairs", replace(pair(), prompts=(*pair().prompts, lonely)))
    assert found == ["group 'b' has 1 Chinese and 0 English prompts; other groups have as many of each, so should this"]
    assert lint(replace(pair(), prompts=(*pair().prompts, replace(lonely, language="mixed")))) == []
