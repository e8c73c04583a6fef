"""A training run in miniature: a CogView4 pipeline with random weights, and two checkpoints of its transformer.

    python tiny_training.py OUT

writes `OUT/pipeline`, the model that is trained, and `OUT/checkpoints/checkpoint-100` and `-200`. It has the parts of
the real model in the least sizes that these take, needs no download, and paints noise: what is shown is the way through
the tools, with weights that load like real ones.
"""

import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, CogView4Pipeline, CogView4Transformer2DModel, FlowMatchEulerDiscreteScheduler
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import GlmConfig, GlmModel, PreTrainedTokenizerFast

WIDTH = 32
STEPS = (100, 200)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of bytes, which writes any language; its prefix is GLM-4's."""
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.add_special_tokens(["<|endoftext|>", "[gMASK]", "<sop>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[gMASK] <sop> $A",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[gMASK]", "<sop>")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<|endoftext|>", eos_token="<|endoftext|>", padding_side="left"
    )


def build_pipeline() -> CogView4Pipeline:
    """Return the pipeline, the same in every run."""
    torch.manual_seed(20260101)
    tokenizer = build_tokenizer()
    encoder = GlmConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=WIDTH // 2,
        max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    transformer = CogView4Transformer2DModel(
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=8,
        text_embed_dim=WIDTH,
        time_embed_dim=8,
        condition_dim=4,
        pos_embed_max_size=64,
        sample_size=8,
    )
    vae = AutoencoderKL(
        latent_channels=4,
        block_out_channels=(4, 4, 4, 4),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=2,
        use_quant_conv=False,
        use_post_quant_conv=False,
        mid_block_add_attention=False,
    )
    return CogView4Pipeline(
        tokenizer=tokenizer,
        text_encoder=GlmModel(encoder).eval(),
        transformer=transformer.eval(),
        vae=vae.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(base_shift=0.25, max_shift=0.75, use_dynamic_shifting=True),
    )


def main(out: Path) -> None:
    """Write the pipeline, then train: here, move every weight a little and save."""
    pipeline = build_pipeline()
    pipeline.save_pretrained(out / "pipeline")
    noise = torch.Generator().manual_seed(0)
    for step in STEPS:
        with torch.no_grad():
            for weight in pipeline.transformer.parameters():
                weight += 0.01 * torch.randn(weight.shape, generator=noise)
        pipeline.transformer.save_pretrained(out / "checkpoints" / f"checkpoint-{step}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
