"""Fine-tuned checkpoints: loaded whole, at the strength they were trained with, or not at all."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pytest

from bench.generators import Job
from bench.generators.diffusion.generator import DiffusersGenerator
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

torch = pytest.importorskip("torch", reason='the extra "cogview" is not installed')
pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')
pytest.importorskip("peft", reason='the extra "cogview" is not installed')

JOB = Job(Prompt("cafe", "写着“晨光”", "zh", "cafe", Size(64, 64)), 5)
TARGETS = ("to_q", "to_k", "to_v", "to_out.0")


def opened(folder, options=""):
    return DiffusersGenerator(Spec.parse(f"diffusers:{folder}?steps=2&size_rule=none&device=cpu{options}"))


def drawn(folder, options=""):
    [outcome] = opened(folder, options).generate([JOB])
    return np.asarray(outcome.image).astype(int)


def transformer(folder):
    from diffusers import CogView4Transformer2DModel

    return CogView4Transformer2DModel.from_pretrained(folder / "transformer")


def adapter(folder, rank=128, prefix="", blocks=(0, 1)):
    """Return the weights of an adapter on the attention of the tiny transformer."""
    noise = torch.Generator().manual_seed(3)
    weights = {}
    for name, module in transformer(folder).named_modules():
        if isinstance(module, torch.nn.Linear) and name.endswith(TARGETS) and int(name.split(".")[1]) in blocks:
            out, into = module.weight.shape
            weights[f"{prefix}{name}.lora_A.weight"] = torch.randn(rank, into, generator=noise) * 0.3
            weights[f"{prefix}{name}.lora_B.weight"] = torch.randn(out, rank, generator=noise) * 0.3
    return weights


def saved(path, weights, **header):
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path, metadata={"format": "pt", **header})
    return path


def merged(folder, weights, strength, target):
    """Save a transformer whose weights are W + strength · B · A, computed by hand; return its folder."""
    model = transformer(folder)
    layers = dict(model.named_modules())
    for name in weights:
        if name.endswith(".lora_A.weight"):
            module = name.removesuffix(".lora_A.weight")
            low, high = weights[name].double(), weights[f"{module}.lora_B.weight"].double()
            layers[module].weight.data += (strength * (high @ low)).float()
    model.save_pretrained(target)
    return target


def far(one, other):
    return int(np.abs(one - other).max())


# LoRA


def test_an_adapter_of_cogkit_is_loaded_at_the_strength_it_was_trained_with(tiny_cogview4, tmp_path):
    weights = adapter(tiny_cogview4)
    saved(tmp_path / "run" / "adapter_model.safetensors", weights)
    ours = drawn(tiny_cogview4, f"&lora={tmp_path / 'run'}")
    by_hand = {
        strength: drawn(
            tiny_cogview4, f"&transformer={merged(tiny_cogview4, weights, strength, tmp_path / str(strength))}"
        )
        for strength in (0, 0.5, 1)
    }
    assert far(ours, by_hand[0.5]) <= 1  # alpha 64 / rank 128
    assert far(ours, by_hand[0]) > 5  # diffusers' load_lora_weights loads nothing from such a file
    assert far(ours, by_hand[1]) > 5  # under another prefix it loads it twice as strong
    assert np.array_equal(by_hand[0], drawn(tiny_cogview4))
    assert far(drawn(tiny_cogview4, f"&lora={tmp_path / 'run'}@2"), by_hand[1]) <= 1


def test_the_traps_are_real(tiny_cogview4, tmp_path, caplog):
    from diffusers import CogView4Pipeline

    saved(tmp_path / "adapter_model.safetensors", adapter(tiny_cogview4))
    pipeline = CogView4Pipeline.from_pretrained(tiny_cogview4)
    pipeline.load_lora_weights(tmp_path, weight_name="adapter_model.safetensors")
    assert pipeline.get_list_adapters() == {}
    pipeline.transformer.load_lora_adapter(adapter(tiny_cogview4), prefix=None, adapter_name="a")
    assert pipeline.transformer.transformer_blocks[0].attn1.to_q.scaling["a"] == 1


def test_an_adapter_of_diffusers_is_loaded_as_diffusers_loads_it(tiny_cogview4, tmp_path):
    from diffusers import CogView4Pipeline

    weights = adapter(tiny_cogview4, rank=4, prefix="transformer.")
    told = {"transformer.r": 4, "transformer.lora_alpha": 2, "transformer.target_modules": list(TARGETS)}
    files = {
        "with alpha": saved(tmp_path / "told.safetensors", weights, lora_adapter_metadata=json.dumps(told)),
        "without": saved(tmp_path / "untold.safetensors", weights),
    }
    found = {}
    for name, file in files.items():
        pipeline = CogView4Pipeline.from_pretrained(tiny_cogview4)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.load_lora_weights(file)
        noise = torch.Generator("cpu").manual_seed(JOB.seed)
        arguments = {"num_inference_steps": 2, "guidance_scale": 3.5, "width": 64, "height": 64}
        found[name] = np.asarray(pipeline(JOB.prompt.text, generator=noise, **arguments).images[0]).astype(int)
        assert np.array_equal(found[name], drawn(tiny_cogview4, f"&lora={file}"))
    assert far(found["with alpha"], found["without"]) > 1


def test_alpha_beside_the_file_holds(tiny_cogview4, tmp_path):
    weights = adapter(tiny_cogview4, rank=4)
    file = saved(tmp_path / "adapter_model.safetensors", weights)
    with pytest.raises(GlyphbenchError, match=r"tells the strength \(lora_alpha\) .* rank 4 is not that of CogKit"):
        drawn(tiny_cogview4, f"&lora={file}")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 4, "lora_alpha": 12, "bias": "none"}))
    by_hand = merged(tiny_cogview4, weights, 3, tmp_path / "merged")
    assert far(drawn(tiny_cogview4, f"&lora={file}"), drawn(tiny_cogview4, f"&transformer={by_hand}")) <= 1


def test_ranks_may_differ_from_weight_to_weight(tiny_cogview4, tmp_path):
    weights = adapter(tiny_cogview4, rank=2, blocks=(0,)) | adapter(tiny_cogview4, rank=6, blocks=(1,))
    file = saved(tmp_path / "lora.safetensors", {f"transformer.{name}": weight for name, weight in weights.items()})
    by_hand = merged(tiny_cogview4, weights, 1, tmp_path / "merged")
    assert far(drawn(tiny_cogview4, f"&lora={file}"), drawn(tiny_cogview4, f"&transformer={by_hand}")) <= 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda w: {f"unet.{n}": t for n, t in w.items()}, "the adapter fits no weight of CogView4Transformer2DModel"),
        (lambda w: w | {"text_encoder.layers.0.lora_A.weight": torch.ones(1)}, "1 of the adapter's 17 weights would"),
        (lambda w: {n: t for n, t in w.items() if "0.attn1.to_q.lora_A" not in n}, r"unused: .*to_q\.lora_B\.weight"),
        (lambda w: {n: t[:, :5].contiguous() for n, t in w.items()}, "the adapter fits no weight"),
        (lambda w: {n: t * ("lora_A" in n) for n, t in w.items()}, "all its B matrices are zero"),
    ],
)
def test_an_adapter_that_is_not_used_in_full_is_an_error(tiny_cogview4, tmp_path, change, expected):
    file = saved(tmp_path / "lora.safetensors", change(adapter(tiny_cogview4, rank=4)))
    with pytest.raises(GlyphbenchError, match=expected):
        drawn(tiny_cogview4, f"&lora={file}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("nowhere", "there is no such file"), ("adapter_model.bin", "can run any code"), ("", "the folder has neither")],
)
def test_what_is_no_adapter(tiny_cogview4, tmp_path, name, expected):
    if name.endswith(".bin"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(GlyphbenchError, match=expected):
        opened(tiny_cogview4, f"&lora={tmp_path / name}")


def test_identity_follows_the_files_and_the_scale(tiny_cogview4, tmp_path):
    weights = adapter(tiny_cogview4)
    file = saved(tmp_path / "adapter_model.safetensors", weights)
    options = [f"&lora={file}", f"&lora={file}@0.5"]
    identities = [opened(tiny_cogview4, option).identity for option in options]
    assert identities[0].items() > opened(tiny_cogview4).identity.items()
    (tmp_path / "adapter_config.json").write_text('{"lora_alpha": 12}')
    identities.append(opened(tiny_cogview4, options[0]).identity)
    saved(file, {name: weight * 2 for name, weight in weights.items()})
    identities.append(opened(tiny_cogview4, options[0]).identity)
    assert len({json.dumps(identity, sort_keys=True) for identity in identities}) == 4
    with pytest.raises(GlyphbenchError, match="scale 0 changes nothing"):
        opened(tiny_cogview4, f"&lora={file}@0")


# Whole transformers


def trained(folder):
    """Return a transformer that differs from the checkpoint's."""
    model = transformer(folder)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1.1)
    return model


@pytest.fixture
def other(tiny_cogview4, tmp_path):
    trained(tiny_cogview4).save_pretrained(tmp_path / "other")
    return tmp_path / "other"


def save_distributed(state, folder):
    import torch.distributed.checkpoint as dcp

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "torch.distributed is disabled")
        dcp.save(state, checkpoint_id=folder)


def test_a_folder_a_file_and_a_distributed_checkpoint_give_the_same_picture(tiny_cogview4, other, tmp_path):
    model = trained(tiny_cogview4)
    optimizer = {"step": 7, "exp_avg": torch.ones(3)}
    state = {"app": {"model": model.state_dict(), "optim": optimizer}}
    save_distributed(state, tmp_path / "checkpoint-7")
    whole = drawn(tiny_cogview4, f"&transformer={other}")
    assert far(whole, drawn(tiny_cogview4)) > 5
    file = other / "diffusion_pytorch_model.safetensors"
    assert np.array_equal(drawn(tiny_cogview4, f"&transformer={file}"), whole)
    assert np.array_equal(drawn(tiny_cogview4, f"&transformer={tmp_path / 'checkpoint-7'}"), whole)
    told = opened(tiny_cogview4, f"&transformer={file}").identity["transformer"]
    assert told.startswith("sha256:")
    assert told != opened(tiny_cogview4, f"&transformer={other}").identity["transformer"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda w: w.pop("proj_out.bias"), "lacks 1 of .* weights: proj_out.bias"),
        (lambda w: w.update(extra=torch.ones(1)), "has 1 that the transformer has not: extra"),
        (lambda w: w.update({"proj_out.bias": torch.ones(2)}), r"other shapes: proj_out.bias is \(2,\) instead of"),
    ],
)
def test_bare_weights_must_be_exactly_those_of_the_transformer(tiny_cogview4, tmp_path, change, expected):
    weights = dict(transformer(tiny_cogview4).state_dict())
    change(weights)
    file = saved(tmp_path / "weights.safetensors", weights)
    with pytest.raises(GlyphbenchError, match=expected):
        drawn(tiny_cogview4, f"&transformer={file}")


def test_a_folder_with_more_weights_than_the_transformer_is_refused(tiny_cogview4, other):
    from safetensors.torch import load_file

    file = other / "diffusion_pytorch_model.safetensors"
    saved(file, load_file(file) | {"extra": torch.ones(1)})
    with pytest.raises(GlyphbenchError, match="does not have and would ignore: extra"):
        drawn(tiny_cogview4, f"&transformer={other}")


def test_a_distributed_checkpoint_runs_no_code_and_hides_no_gap(tiny_cogview4, tmp_path):
    save_distributed({"app": {"model": transformer(tiny_cogview4).state_dict()}}, tmp_path / "c")
    index = tmp_path / "c" / ".metadata"
    good = index.read_bytes()

    class Harm:
        def __reduce__(self):
            return (print, ("run!",))

    index.write_bytes(pickle.dumps(Harm()))
    with pytest.raises(GlyphbenchError, match=r"asks for builtins\.print, which is no part of the format"):
        drawn(tiny_cogview4, f"&transformer={tmp_path / 'c'}")
    content = pickle.loads(good)  # our own
    content.storage_data.popitem()
    index.write_bytes(pickle.dumps(content))
    with pytest.raises(GlyphbenchError, match="parts of 1 weights are missing"):
        drawn(tiny_cogview4, f"&transformer={tmp_path / 'c'}")
    save_distributed({"model": {"a": torch.ones(1)}}, tmp_path / "d")
    with pytest.raises(GlyphbenchError, match=r"holds no weights under app\.model"):
        drawn(tiny_cogview4, f"&transformer={tmp_path / 'd'}")


def test_a_weight_in_shards_of_several_processes_is_put_together(tiny_cogview4, tmp_path):
    from dataclasses import replace

    model = transformer(tiny_cogview4)
    save_distributed({"app": {"model": model.state_dict()}}, tmp_path / "c")
    index = tmp_path / "c" / ".metadata"
    content = pickle.loads(index.read_bytes())  # our own
    [place] = [found for found in content.storage_data if found.fqn == "app.model.proj_out.weight"]
    whole, stored = model.proj_out.weight.detach(), content.storage_data.pop(place)
    for number, piece in enumerate(whole.split(5)):
        shard = tmp_path / "c" / f"__{number + 1}_0.distcp"
        torch.save(piece.clone(), shard)
        told = replace(stored, relative_path=shard.name, offset=0, length=shard.stat().st_size)
        content.storage_data[replace(place, offset=torch.Size((number * 5, 0)), index=number)] = told
    index.write_bytes(pickle.dumps(content))
    assert np.array_equal(drawn(tiny_cogview4, f"&transformer={tmp_path / 'c'}"), drawn(tiny_cogview4))
    (tmp_path / "c" / "__2_0.distcp").unlink()
    with pytest.raises(GlyphbenchError, match=r"__2_0\.distcp: cannot be read"):
        drawn(tiny_cogview4, f"&transformer={tmp_path / 'c'}")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((), "there is no such folder"),
        (("readme.md",), "no config.json"),
        (("diffusion_pytorch_model.bin",), "is pickled, which can run any code"),
        (("checkpoint-500/.metadata", "checkpoint-900/.metadata"), "holds checkpoint-500, checkpoint-900: name one"),
    ],
)
def test_what_is_no_transformer(tiny_cogview4, tmp_path, files, expected):
    for name in files:
        (tmp_path / "t" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "t" / name).write_bytes(b"")
    with pytest.raises(GlyphbenchError, match=expected):
        opened(tiny_cogview4, f"&transformer={tmp_path / 't'}")
