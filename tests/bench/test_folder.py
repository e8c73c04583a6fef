from __future__ import annotations

import hashlib
import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from bench.generators import Failure, Job, Picture
from bench.generators.folder import FolderGenerator
from bench.generators.image_file import MAX_PIXELS, ImageFileError, decode_image, inspect_image
from bench.generators.label import MAX_BYTES, label
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

SIZE = Size(40, 30)
PROMPTS = [Prompt(name, f"a sign that says “{name}”", "en", name, SIZE) for name in ("cafe", "exit", "menu")]
CAFE, EXIT, MENU = PROMPTS


def drawn(seed=0, mode="RGB", size=SIZE):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def put(path, image=None, kind="PNG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(image or drawn(), kind))


def put_all(folder, seeds=(0, 1)):
    for number, prompt in enumerate(PROMPTS):
        for seed in seeds:
            put(folder / prompt.id / f"{seed}.png", drawn(10 * number + seed))


def opened(folder, options=""):
    return FolderGenerator(Spec.parse(f"folder:{folder}{options}"))


def jobs(seeds=(0, 1), prompts=PROMPTS):
    return [Job(prompt, seed) for prompt in prompts for seed in seeds]


def faults(generator, asked):
    with pytest.raises(GlyphbenchError) as caught:
        generator.check(asked)
    return str(caught.value)


# What is found


def test_pictures_come_back_as_they_lie_there_in_the_order_asked(tmp_path):
    put_all(tmp_path)
    generator = opened(tmp_path)
    asked = jobs()[::-1]
    generator.check(asked)
    outcomes = list(generator.generate(asked))
    assert [outcome.job for outcome in outcomes] == asked
    for outcome in outcomes:
        file = tmp_path / outcome.job.prompt.id / f"{outcome.job.seed}.png"
        assert outcome.details == {
            "file": f"{outcome.job.prompt.id}/{outcome.job.seed}.png",
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "conversions": [],
        }
        assert outcome.image.mode == "RGB"
        assert np.array_equal(outcome.image, Image.open(file))


@pytest.mark.parametrize(
    ("file", "kind"), [("cafe.png", "PNG"), ("cafe.JPG", "JPEG"), ("cafe.jpeg", "JPEG"), ("cafe.WebP", "WEBP")]
)
def test_a_file_beside_the_folders_is_seed_zero(tmp_path, file, kind):
    put(tmp_path / file, kind=kind)
    generator = opened(tmp_path)
    assert generator.seeds([CAFE]) == (0,)
    generator.check([Job(CAFE, 0)])
    [outcome] = generator.generate([Job(CAFE, 0)])
    assert outcome.details["file"] == file


def test_seeds_are_those_of_these_prompts(tmp_path):
    put(tmp_path / "cafe" / "7.png")
    put(tmp_path / "exit" / "0003.png")
    put(tmp_path / "elsewhere" / "99.png")
    put(tmp_path / "cafe" / "best.png")
    generator = opened(tmp_path)
    assert generator.seeds([CAFE, EXIT]) == (3, 7)
    assert generator.seeds([EXIT]) == (3,)
    assert generator.is_model


def test_without_one_image_the_message_tells_the_layout(tmp_path):
    put(tmp_path / "coffee" / "0.png")
    with pytest.raises(GlyphbenchError, match=r"not one image for the 3 prompts.*<prompt id>/<seed>\.png.*coffee"):
        opened(tmp_path).seeds(PROMPTS)


def test_a_picture_of_another_size_is_recorded_as_such(tmp_path):
    put(tmp_path / "cafe.png", drawn(size=Size(64, 64)))
    [outcome] = opened(tmp_path).generate([Job(CAFE, 0)])
    assert outcome.image.size == (64, 64)
    assert outcome.details["size asked for"] == [40, 30]


# What is wrong with the folder


@pytest.mark.parametrize("text", ["folder:", "folder", "folder:?missing=refused"])
def test_a_spec_without_a_folder(text):
    with pytest.raises(GlyphbenchError, match="written folder:DIR"):
        FolderGenerator(Spec.parse(text))


def test_an_unknown_option(tmp_path):
    with pytest.raises(GlyphbenchError, match="did you mean 'missing'"):
        opened(tmp_path, "?mising=refused")


def test_a_folder_that_is_missing_or_a_file(tmp_path):
    with pytest.raises(GlyphbenchError, match=r"cannot read the folder of images .*nowhere: No such file"):
        opened(tmp_path / "nowhere")
    put(tmp_path / "one.png")
    with pytest.raises(GlyphbenchError, match=r"one\.png: Not a directory"):
        opened(tmp_path / "one.png")


def test_missing_images_are_counted_and_the_first_ten_named(tmp_path):
    put(tmp_path / "cafe" / "0.png")
    put(tmp_path / "caffe" / "1.png")
    message = faults(opened(tmp_path), jobs(seeds=range(6)))
    assert "missing for 17 of 18" in message
    assert "cafe/1, cafe/2, cafe/3, cafe/4, cafe/5, exit/0, exit/1, exit/2, exit/3, exit/4, and 7 more" in message
    assert "fewer --seeds" in message
    assert "missing=refused" in message
    assert "1 other ids: caffe" in message


def test_missing_images_count_as_refusals_only_when_told_so(tmp_path):
    put(tmp_path / "cafe" / "0.png")
    asked = jobs(seeds=(0,))
    generator = opened(tmp_path, "?missing=refused")
    generator.check(asked)
    outcomes = list(generator.generate(asked))
    assert isinstance(outcomes[0], Picture)
    assert [outcome.status for outcome in outcomes[1:]] == ["refused", "refused"]
    unchecked = list(opened(tmp_path).generate(asked))
    assert [outcome.status for outcome in unchecked[1:]] == ["infra", "infra"]
    assert generator.identity != opened(tmp_path).identity


def test_two_images_for_one_job_are_both_named(tmp_path):
    put(tmp_path / "cafe" / "0.png")
    put(tmp_path / "cafe" / "00.jpg", kind="JPEG")
    put(tmp_path / "cafe.webp", kind="WEBP")
    message = faults(opened(tmp_path), [Job(CAFE, 0)])
    assert all(name in message for name in ("0.png", "00.jpg", "cafe.webp", "keep one"))
    [outcome] = opened(tmp_path).generate([Job(CAFE, 0)])
    assert outcome.status == "infra"


def test_all_faults_come_at_once(tmp_path):
    put_all(tmp_path)
    (tmp_path / "cafe" / "0.png").write_bytes(b"")
    (tmp_path / "cafe" / "1.png").write_text("<html>404</html>")
    (tmp_path / "exit" / "0.png").write_bytes(encoded(drawn())[:-40])
    (tmp_path / "exit" / "1.png").unlink()
    message = faults(opened(tmp_path), jobs())
    assert "missing for 1 of 6" in message
    assert "cannot be used: 3" in message
    assert "0.png is empty" in message
    assert "1.png is not a PNG, JPEG or WebP image" in message
    assert "exit/0.png is damaged" in message


# What is wrong with a file


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused_before_work_and_when_read(tmp_path, kind, kept):
    data = encoded(drawn(size=Size(200, 200)), kind)
    path = tmp_path / "cafe.png"
    path.write_bytes(data[: int(kept * len(data))])
    generator = opened(tmp_path)
    assert "cafe.png" in faults(generator, [Job(CAFE, 0)])
    [outcome] = generator.generate([Job(CAFE, 0)])
    assert isinstance(outcome, Failure)
    assert outcome.status == "infra"
    assert "cafe.png" in outcome.reason


def test_a_thumbnail_does_not_pass_for_the_end_of_a_jpeg(tmp_path):
    exif = Image.Exif()
    exif[0x927C] = encoded(drawn(), "JPEG")
    data = encoded(drawn(size=Size(200, 200)), "JPEG", exif=exif)
    path = tmp_path / "whole.jpg"
    path.write_bytes(data)
    inspect_image(path)
    path.write_bytes(data[:-500])
    with pytest.raises(ImageFileError, match="breaks off"):
        inspect_image(path)


def bomb(width, height):
    """Return a PNG whose header claims a size that its data do not have."""
    data = bytearray(encoded(Image.new("1", (1, 1))))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(("width", "height"), [(8193, 8192), (10_000, 9_999), (100_000, 100_000)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, width, height):
    (tmp_path / "cafe.png").write_bytes(bomb(width, height))
    generator = opened(tmp_path)
    assert "is far too large" in faults(generator, [Job(CAFE, 0)])
    [outcome] = generator.generate([Job(CAFE, 0)])
    assert "is far too large" in outcome.reason
    assert width * height > MAX_PIXELS


def test_another_format_under_a_png_name_is_refused(tmp_path):
    (tmp_path / "cafe.png").write_bytes(encoded(drawn(), "TIFF"))
    assert "not a PNG, JPEG or WebP" in faults(opened(tmp_path), [Job(CAFE, 0)])


def test_a_broken_link_is_a_fault_of_its_job_alone(tmp_path):
    put(tmp_path / "exit.png")
    (tmp_path / "cafe.png").symlink_to(tmp_path / "gone.png")
    generator = opened(tmp_path)
    assert len(generator.identity["images"]) == 64
    generator.check([Job(EXIT, 0)])
    assert "cafe.png is not a file" in faults(generator, [Job(CAFE, 0)])


# Conversions


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", (4, 2), (255, 0, 0, 255))
    image.putpixel((0, 0), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    converted, notes = decode_image(encoded(image))
    assert [converted.getpixel((x, 0)) for x in range(3)] == [(255, 255, 255), (127, 127, 127), (255, 0, 0)]
    assert notes == ["RGBA laid on white"]


def test_a_transparent_palette_entry_is_laid_on_white():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    converted, notes = decode_image(encoded(image, transparency=0))
    assert [converted.getpixel((x, 0)) for x in range(2)] == [(255, 255, 255), (40, 50, 60)]
    assert notes == ["P laid on white"]


def test_sixteen_bits_keep_their_upper_eight_instead_of_being_clipped():
    shades = np.array([[0, 255, 256, 0x8000, 0xFFFF]], dtype=np.uint16)
    converted, notes = decode_image(encoded(Image.fromarray(shades)))
    assert np.asarray(converted)[0, :, 0].tolist() == [0, 0, 1, 128, 255]
    assert notes == ["16 bits to 8", "L to RGB"]


@pytest.mark.parametrize(
    ("mode", "kind", "notes"),
    [
        ("RGB", "PNG", []),
        ("L", "PNG", ["L to RGB"]),
        ("1", "PNG", ["1 to RGB"]),
        ("P", "PNG", ["P to RGB"]),
        ("L", "JPEG", ["L to RGB"]),
        ("CMYK", "JPEG", ["CMYK to RGB"]),
        ("RGB", "WEBP", []),
    ],
)
def test_every_mode_becomes_rgb_and_says_so(mode, kind, notes):
    image = drawn(mode=mode)
    options = {"lossless": True} if kind == "WEBP" else {}
    converted, said = decode_image(encoded(image, kind, **options))
    assert (converted.mode, converted.size, said) == ("RGB", image.size, notes)
    if kind != "JPEG":
        assert np.array_equal(converted, image.convert("RGB"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_exif_orientation_is_applied(kind):
    image = Image.new("RGB", (32, 16), "white")
    image.paste("black", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise: what was left is above
    converted, notes = decode_image(encoded(image, kind, exif=exif))
    assert converted.size == (16, 32)
    assert converted.getpixel((8, 4))[0] < 20
    assert converted.getpixel((8, 28))[0] > 235
    assert notes == ["turned as its EXIF orientation says"]


def test_of_an_animation_the_first_frame_is_taken_and_recorded():
    first, second = drawn(1), drawn(2)
    converted, notes = decode_image(encoded(first, save_all=True, append_images=[second]))
    assert np.array_equal(converted, first)
    assert notes == ["first of 2 frames"]


# Identity


def test_identity_follows_every_image_and_not_the_place(tmp_path):
    put_all(tmp_path / "here")
    put_all(tmp_path / "there")
    before = opened(tmp_path / "here").identity
    assert before["kind"] == "folder"
    assert opened(tmp_path / "there").identity == before
    put(tmp_path / "there" / "menu" / "1.png", drawn(999))
    changed = opened(tmp_path / "there").identity
    assert changed != before
    put(tmp_path / "there" / "menu" / "2.png", drawn(999))
    assert opened(tmp_path / "there").identity not in (before, changed)


def test_swapping_two_images_changes_the_identity(tmp_path):
    put_all(tmp_path)
    before = opened(tmp_path).identity
    first, second = tmp_path / "cafe" / "0.png", tmp_path / "cafe" / "1.png"
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(held)
    assert opened(tmp_path).identity != before


def test_an_image_that_changes_under_way_is_not_taken(tmp_path):
    put_all(tmp_path)
    generator = opened(tmp_path)
    assert generator.identity
    put(tmp_path / "cafe" / "1.png", drawn(77))
    outcomes = list(generator.generate(jobs()))
    assert [isinstance(outcome, Picture) for outcome in outcomes] == [True, False, True, True, True, True]
    assert "has changed since the run began" in outcomes[1].reason


@pytest.mark.parametrize(
    ("folder", "name"), [("step 500 (ema)", "step-500--ema"), ("测试图", "测试图"), ("..x", "x"), ("é", "é")]
)
def test_the_name_is_the_folders_made_safe(tmp_path, folder, name):
    (tmp_path / folder).mkdir()
    assert opened(tmp_path / folder).name == name


def test_a_label_is_never_empty_and_never_long():
    assert label("///", otherwise="folder") == "folder"
    assert len(label("图" * 300, otherwise="").encode()) <= MAX_BYTES
    assert label("a/b\\c:d*e\n", otherwise="") == "a-b-c-d-e"


# Mapping files


def mapped(folder, text, name="map.csv"):
    source = folder / name
    source.write_text(text, encoding="utf-8")
    return opened(folder, f"?map={source}")


@pytest.mark.parametrize("name", ["map.csv", "MAP.CSV", "map.jsonl"])
def test_a_mapping_file_names_the_images(tmp_path, name):
    elsewhere = tmp_path / "elsewhere" / "b.png"
    put(elsewhere, drawn(2))
    put(tmp_path / "images" / "sub" / "猫, a.png", drawn(1))
    rows = [("cafe", 0, "sub/猫, a.png"), ("exit", 5, str(elsewhere))]
    if name.lower().endswith("csv"):
        text = "\ufeffscore,file,seed,prompt\n" + "".join(
            f'0.5,"{file}",{seed},{prompt}\n' for prompt, seed, file in rows
        )
    else:
        text = "\n".join(json.dumps({"prompt": p, "seed": s, "file": f, "score": 0.5}) for p, s, f in rows)
    generator = mapped(tmp_path / "images", text, name)
    assert generator.seeds(PROMPTS) == (0, 5)
    asked = [Job(CAFE, 0), Job(EXIT, 5)]
    generator.check(asked)
    first, second = generator.generate(asked)
    assert first.details["file"] == "sub/猫, a.png"
    assert np.array_equal(first.image, drawn(1))
    assert second.details["file"] == elsewhere.as_posix()
    message = faults(generator, [Job(CAFE, 1)])
    assert "cafe/1" in message
    assert "map" in message.lower()


def test_all_faults_of_a_csv_come_at_once_with_their_lines(tmp_path):
    put(tmp_path / "a.png")
    text = (
        "prompt,seed,file\ncafe,0,a.png\ncafe,one,a.png\n,1,a.png\ncafe,2,../a.png\ncafe,-1,a.png\n"
        'exit,3\ncafe,00,b.png\nexit,1,a,b.png\n"menu\nroom",2,a.png\nmenu,x,a.png\n'
    )
    with pytest.raises(GlyphbenchError) as caught:
        mapped(tmp_path, text)
    message = str(caught.value)
    assert "8 faults" in message
    for expected in (
        "line 3: seed:",
        "line 4: prompt:",
        "line 5: file '../a.png' may not contain '..'",
        "line 6: seed:",
        "line 7: file: Field required",
        "line 8: prompt 'cafe' with seed 0 stands in line 2 as well",
        "line 9: more fields than the header has",
        "line 12: seed:",
    ):
        assert expected in message


def test_all_faults_of_json_lines_come_at_once_with_their_lines(tmp_path):
    lines = ['{"prompt": "cafe", "seed": 0, "file": "a.png"}', "", "{", "[1]", '{"prompt": "cafe", "seed": 1}']
    with pytest.raises(GlyphbenchError) as caught:
        mapped(tmp_path, "\n".join(lines), "map.jsonl")
    message = str(caught.value)
    assert "3 faults" in message
    assert "line 3: not JSON" in message
    assert "line 4: " in message
    assert "line 5: file: Field required" in message


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("map.csv", b"prompt,sed,file\ncafe,0,a.png\n", "line 1: .*without seed"),
        ("map.csv", b'"prompt,seed', "line 1: unexpected end of data"),
        ("map.csv", b"", "line 1: .*without file, prompt, seed"),
        ("map.csv", "prompt,seed,file\n咖啡,0,a.png\n".encode("gbk"), "not UTF-8 at byte 17"),
        ("map.csv", b'prompt,seed,file\ncafe,0,"a.png\n', "line 2: unexpected end of data"),
        ("map.txt", b"", r"called \.csv or \.jsonl"),
    ],
)
def test_a_mapping_file_that_cannot_be_read(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GlyphbenchError, match=expected):
        opened(tmp_path, f"?map={tmp_path / name}")


def test_a_mapping_file_that_is_not_there(tmp_path):
    with pytest.raises(GlyphbenchError, match=r"cannot read the mapping file .*map\.csv: No such file"):
        opened(tmp_path, f"?map={tmp_path / 'map.csv'}")


def test_identity_follows_what_is_mapped(tmp_path):
    put(tmp_path / "a.png", drawn(1))
    put(tmp_path / "b.png", drawn(2))
    first = mapped(tmp_path, "prompt,seed,file\ncafe,0,a.png\ncafe,1,b.png\n").identity
    turned = mapped(tmp_path, "prompt,seed,file\ncafe,1,a.png\ncafe,0,b.png\n").identity
    assert first != turned


def test_a_file_name_that_is_no_seed_any_generator_takes_is_refused(tmp_path):
    put(tmp_path / "cafe" / "99999999999999999999.png")
    with pytest.raises(GlyphbenchError, match="seeds go up to 2147483647"):
        opened(tmp_path).seeds(PROMPTS)
