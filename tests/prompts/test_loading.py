from textwrap import dedent

import pytest

from prompts.errors import SuiteError, UnknownNameError
from prompts.loading import find_suite, load_suite, suite_names
from prompts.suite import Box, Prompt, Region, Relation, Size

HEAD = 'name = "mine"\nversion = "1"\nlanguage = "zh"\n'
PROMPT = '[[prompt]]\nid = "a"\ntext = "t"\n'


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return path

    return write


def faults_of(path):
    """Return the faults of a suite file, without the path in front."""
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    assert str(caught.value).startswith(f"{path}: {len(caught.value.faults)} fault")
    assert all(fault.startswith(f"{path}:") for fault in caught.value.faults)
    return [fault.removeprefix(f"{path}:").strip() for fault in caught.value.faults]


def test_what_the_prompts_leave_out_comes_from_the_head_or_the_defaults(write):
    suite = load_suite(write(HEAD + PROMPT))
    assert (suite.seeds, suite.profile, suite.quoting, suite.length, suite.twin) == (
        (0, 1, 2, 3),
        "standard",
        "none",
        None,
        None,
    )
    assert suite.prompts == (Prompt("a", "t", "zh", "a", Size(1024, 1024)),)


def test_everything_that_a_file_may_say(write):
    suite = load_suite(
        write(
            """\
            name = "mine"
            version = "1.2"
            language = "mixed"
            title = "T"
            description = "D"
            source = "S"
            licence = "L"
            seeds = [7, 3]
            size = [512, 768]
            profile = "strict"
            quoting = "straight"
            length = [0, 9]
            twin = "yours"
            [[prompt]]
            id = "a"
            text = "two"
            language = "en"
            group = "g"
            tags = ["sign", "digits"]
            size = [1024, 512]
            relations = ["2 inside 1"]
            [[prompt.region]]
            text = "X"
            where = "top-left"
            role = "title"
            orientation = "vertical"
            caption = "c"
            [[prompt.region]]
            caption = "d"
            where = [0, 0.25, 1, 0.5]
            """
        )
    )
    head = (suite.name, suite.version, suite.language, suite.title, suite.description, suite.source, suite.licence)
    assert head == ("mine", "1.2", "mixed", "T", "D", "S", "L")
    assert (suite.seeds, suite.profile, suite.quoting, suite.length, suite.twin) == (
        (7, 3),
        "strict",
        "straight",
        (0, 9),
        "yours",
    )
    regions = (
        Region("X", "top-left", "title", "vertical", "c"),
        Region("", Box(0.0, 0.25, 1.0, 0.5), caption="d"),
    )
    expected = Prompt("a", "two", "en", "g", Size(1024, 512), regions, ("sign", "digits"), (Relation(1, "inside", 0),))
    assert suite.prompts == (expected,)
    assert suite.prompts[0].regions[0].box == Box(0.0, 0.0, 1 / 3, 1 / 3)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(write):
    plain = load_suite(write(HEAD + PROMPT))
    assert load_suite(write(b"\xef\xbb\xbf" + (HEAD + PROMPT).replace("\n", "\r\n").encode())) == plain


def test_all_faults_come_at_once_in_the_order_of_the_file(write):
    path = write(
        """\
        name = "mine"
        version = 1.0
        langauge = "zh"
        [[prompt]]
        id = "CON"
        text = "x"
        [[prompt]]
        id = "b"
        txt = "x"
        relations = ["1 left-off 2", "1 above 3"]
        [[prompt.region]]
        text = "x"
        where = "top-center"
        [[prompt.region]]
        """
    )
    faults = faults_of(path)
    lines = [int(fault.partition(":")[0]) for fault in faults]
    assert lines == sorted(lines)
    for expected in (
        "1: language: Field required",
        "2: version: Input should be a valid string, got 1.0",
        "3: langauge: unknown key; did you mean 'language'?",
        "5: prompt.0.id: 'CON' is no safe file name",
        "7: prompt.1.text: Field required",
        "9: prompt.1.txt: unknown key; did you mean 'text'?",
        "10: prompt.1.relations.0: 'left-off' is none of left-of, right-of",
        "10: prompt.1.relations.1: '1 above 3' names a region that is not there (this prompt has 2)",
        "13: prompt.1.region.0.where: 'top-center' is none of",
        "14: prompt.1.region.1.text: is missing; give the text that must appear, or a caption",
    ):
        assert sum(fault.startswith(expected) for fault in faults) == 1, expected
    assert len(faults) == 10


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("seeds = 0", "must be a count in 1..1000"),
        ("seeds = true", "must be a count in 1..1000"),
        ('seeds = "4"', "must be a count in 1..1000"),
        ("seeds = []", "one or more whole numbers"),
        ("seeds = [-1]", "one or more whole numbers"),
        ("seeds = [2147483648]", "one or more whole numbers"),
        ("seeds = [1.5]", "one or more whole numbers"),
        ("seeds = [1, 2, 1]", "names a seed twice"),
        (f"seeds = {list(range(1001))}", "at most 1000"),
        ("size = 1024", "must be [width, height]"),
        ("size = [1024]", "must be [width, height]"),
        ("size = [1024.0, 1024]", "must be [width, height]"),
        ("size = [0, 1024]", "must each lie in 64..8192"),
        ("size = [1024, 9000]", "must each lie in 64..8192"),
        ("length = [3, 1]", "fewest characters must lie in 0..most"),
        ("length = 3", "must be [fewest, most]"),
        ('quoting = "double"', "'curly', 'straight' or 'none'"),
        ("title = 3", "valid string"),
        ("title = 2026-01-01", "valid string"),
        ('profile = ""', "no safe file name"),
        ('sedes = "x"', "did you mean 'seeds'?"),
        ('text = "x"', "is a key of another table; move it there"),
        ("[head]", "unknown key"),
    ],
)
def test_heads_that_are_refused(write, line, what):
    (fault,) = faults_of(write(HEAD + line + "\n" + PROMPT))
    assert fault.startswith("4: ")
    assert what in fault


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('language = "fr"', "'zh', 'en' or 'mixed'"),
        ('group = "A B"', "no safe file name"),
        ('tags = "sign"', "valid list"),
        ('tags = ["sign", "sign"]', "names 'sign' twice"),
        ('tags = ["Sign"]', "no safe file name"),
        ('relations = ["1 above 1"]', "must join two regions"),
        ('relations = ["0 above 1"]', "must join two regions"),
        ('relations = ["1 above"]', "must read like '1 left-of 2'"),
        ("relations = [3]", "must read like '1 left-of 2'"),
        ('relations = ["1 above 2"]', "this prompt has 0"),
        ("size = [1, 1]", "must each lie in"),
        ('region = "x"', "valid list"),
        ("region = [3]", "valid dictionary"),
        ('where = "top-left"', "is a key of another table"),
    ],
)
def test_prompts_that_are_refused(write, line, what):
    (fault,) = faults_of(write(HEAD + PROMPT + line + "\n"))
    assert fault.startswith("7: prompt.0.")
    assert what in fault


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('text = " "', "is empty"),
        ('caption = ""', "is empty"),
        ("text = 3", "valid string"),
        ('role = "title"', "is missing; give the text"),
        ('text = "x"\nwhere = "middle"', "is none of top-left"),
        ('text = "x"\nwhere = [0, 0, 1]', "a box is [left, top, right, bottom]"),
        ('text = "x"\nwhere = [0.5, 0, 0.5, 1]', "left < right"),
        ('text = "x"\nwhere = [0, 0, 1, 1.5]', "all in 0..1"),
        ('text = "x"\nwhere = [0, 0, 1, nan]', "all in 0..1"),
        ('text = "x"\nwhere = [false, 0, 1, 1]', "a box is"),
        ('text = "x"\norientation = "diagonal"', "'horizontal' or 'vertical'"),
        ('text = "x"\ntags = ["sign"]', "is a key of another table"),
    ],
)
def test_regions_that_are_refused(write, line, what):
    (fault,) = faults_of(write(HEAD + PROMPT + "[[prompt.region]]\n" + line + "\n"))
    assert what in fault


@pytest.mark.parametrize("prompts", ["", "prompt = []", "prompt = 3", '[prompt]\nid = "a"'])
def test_a_suite_has_prompts(write, prompts):
    (fault,) = faults_of(write(HEAD + prompts))
    assert "prompt: " in fault


def test_an_id_that_is_used_twice_is_reported_with_both_lines(write):
    (fault,) = faults_of(write(HEAD + PROMPT + PROMPT))
    assert fault.startswith("8: prompt.1.id: 'a' is used in line 5 already")


def test_ids_that_differ_only_in_case_are_one(write):
    faults = faults_of(write(HEAD + PROMPT + PROMPT.replace('"a"', '"A"')))
    assert any("'A' is used in line 5 already (case does not count)" in fault for fault in faults)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ('name = "x"\ntitle = “福”\n', "2: TOML syntax: Invalid value at column 9"),
        ('name = "x"\nname = "y"\n', "2: TOML syntax: Cannot overwrite a value"),
        ('name = "x\n', "1: TOML syntax: "),
        ("name = [", "1: TOML syntax: "),
        ("size = " + "1" * 5000, "1: TOML syntax: "),
    ],
)
def test_toml_errors_have_their_line(write, text, start):
    (fault,) = faults_of(write(text))
    assert fault.startswith(start)
    assert "mend the TOML" in fault


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_other_encodings_are_named_as_such(write, encoding):
    (fault,) = faults_of(write('name = "x"\ntitle = "福"\n'.encode(encoding)))
    assert "is not UTF-8" in fault
    assert "save the file as UTF-8" in fault


def test_a_file_that_is_not_there(tmp_path):
    assert faults_of(tmp_path / "none.toml") == ["there is no such file; check the path"]


def test_a_folder_is_not_a_suite(tmp_path):
    assert faults_of(tmp_path) == ["is a folder; name the .toml file inside it"]


def test_suites_are_found_by_name_or_path(write):
    assert find_suite("smoke").name == "smoke"
    path = write(HEAD + PROMPT)
    assert find_suite(path) == find_suite(str(path)) == load_suite(path)


def test_an_unknown_name_has_its_nearest_and_the_way_out():
    with pytest.raises(UnknownNameError) as caught:
        find_suite("zh_txt")
    message = str(caught.value)
    assert "unknown suite 'zh_txt'; did you mean 'zh_text'" in message
    assert ", ".join(suite_names()) in message
    assert message.endswith("A path to a .toml file works as well.")


@pytest.mark.parametrize("path", ["zh_txt.toml", "suites/zh_text"])
def test_what_looks_like_a_path_is_one(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SuiteError, match="there is no such file"):
        find_suite(path)
