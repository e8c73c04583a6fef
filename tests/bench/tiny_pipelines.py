"""Pipelines of every class in the table of models, small enough for tests: real classes, random weights, no download.

Each builder returns the parts of one class. Widths are the least that the class takes; tokenizers make bytes of any
text, so that Chinese costs three tokens a character.
"""

import io

import diffusers
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WIDTH = 16
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% if not enable_thinking %}<think></think>{% endif %}"
    "{% endif %}"
)


def build(preset):
    """Return a pipeline of a preset's class, of the kind that its checkpoint is."""
    torch.manual_seed(20260101)
    parts = BUILDERS[preset.pipeline](preset)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            _stir(part.eval())
    return getattr(diffusers, preset.pipeline)(**parts)


def _stir(part):
    """Give layers that begin as zeros, which would let no text through, small weights."""
    for weight in part.parameters():
        if weight.ndim > 1 and not weight.any():
            torch.nn.init.normal_(weight, std=0.02)


# Tokenizers


def bytes_tokenizer(*special, front=(), back=(), side="right", most=10**6, chat=None, **more):
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    known = ["<pad>", "<bos>", "<eos>", *special]
    tokenizer.add_special_tokens(known)
    if front or back:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=" ".join([*front, "$A", *back]),
            special_tokens=[(token, tokenizer.token_to_id(token)) for token in {*front, *back}],
        )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        padding_side=side,
        model_max_length=most,
        chat_template=chat,
        **more,
    )


def glm_tokenizer():
    return bytes_tokenizer("[gMASK]", "<sop>", front=("[gMASK]", "<sop>"), side="left")


def t5_tokenizer():
    return bytes_tokenizer(back=("<eos>",))


def clip_tokenizer():
    return bytes_tokenizer(front=("<bos>",), back=("<eos>",), most=77)


def qwen_tokenizer():
    return bytes_tokenizer("<|im_start|>", "<|im_end|>", "<think>", "</think>", chat=CHAT)


# Text encoders


def lm_sizes(tokenizer, layers=2, **more):
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": WIDTH,
        "intermediate_size": WIDTH,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": WIDTH // 2,
        "max_position_embeddings": 4096,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        **more,
    }


def t5(vocabulary):
    config = transformers.T5Config(
        vocab_size=vocabulary, d_model=WIDTH, d_kv=8, d_ff=WIDTH, num_layers=2, num_heads=2, pad_token_id=0
    )
    return transformers.T5EncoderModel(config)


def clip(tokenizer, projected=False):
    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=77,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return (transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel)(config)


def qwen_vl(tokenizer, layers=2):
    text = lm_sizes(tokenizer, layers)
    text.pop("head_dim")
    text["rope_parameters"] = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
    vision = {"depth": 1, "hidden_size": WIDTH, "intermediate_size": WIDTH, "num_heads": 2, "out_hidden_size": WIDTH}
    config = transformers.Qwen2_5_VLConfig(text_config=text, vision_config=vision)
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def gemma(tokenizer):
    return transformers.Gemma2Model(transformers.Gemma2Config(**lm_sizes(tokenizer), query_pre_attn_scalar=8))


def mistral(tokenizer, kind, layers):
    text = {"model_type": "mistral", **lm_sizes(tokenizer, layers)}
    vision = {
        "model_type": "pixtral",
        "hidden_size": WIDTH,
        "intermediate_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "head_dim": WIDTH // 2,
        "image_size": 28,
        "patch_size": 14,
    }
    return kind(transformers.Mistral3Config(text_config=text, vision_config=vision, image_token_index=3))


# Autoencoders and schedulers


def vae(channels=4, blocks=4, **more):
    return diffusers.AutoencoderKL(
        latent_channels=channels,
        block_out_channels=(8,) * blocks,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        norm_num_groups=4,
        mid_block_add_attention=False,
        **more,
    )


def bare_vae(**more):
    return vae(shift_factor=0.0, use_quant_conv=False, use_post_quant_conv=False, **more)


def flux2_vae():
    return diffusers.AutoencoderKLFlux2(
        latent_channels=4, block_out_channels=(8, 8, 8, 8), norm_num_groups=4, mid_block_add_attention=False
    )


def flow(**more):
    return diffusers.FlowMatchEulerDiscreteScheduler(**more)


def shifting():
    return flow(use_dynamic_shifting=True)


# Classes


def cogview4(preset):
    tokenizer = glm_tokenizer()
    control = preset.control is not None
    return {
        "tokenizer": tokenizer,
        "text_encoder": transformers.GlmModel(transformers.GlmConfig(**lm_sizes(tokenizer))),
        "transformer": diffusers.CogView4Transformer2DModel(
            in_channels=8 if control else 4,
            out_channels=4,
            num_layers=2,
            num_attention_heads=2,
            attention_head_dim=8,
            text_embed_dim=WIDTH,
            time_embed_dim=8,
            condition_dim=4,
            pos_embed_max_size=64,
            sample_size=8,
        ),
        "vae": bare_vae(),
        "scheduler": shifting(),
    }


def cogview3(_):
    tokenizer = t5_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": t5(len(tokenizer)),
        "transformer": diffusers.CogView3PlusTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=2,
            num_attention_heads=2,
            attention_head_dim=8,
            text_embed_dim=WIDTH,
            time_embed_dim=8,
            condition_dim=4,
            pos_embed_max_size=64,
            sample_size=8,
        ),
        "vae": bare_vae(),
        "scheduler": diffusers.CogVideoXDPMScheduler(),
    }


def glm_image(_):
    image = getattr(transformers, "GlmImageImageProcessorPil", None) or transformers.GlmImageImageProcessor
    named = {
        "image_token": "<|image|>",
        "image_start_token": "<|dit_token_16384|>",
        "grid_bos_token": "<sop>",
        "grid_eos_token": "<eop>",
    }
    words = bytes_tokenizer(*named.values(), side="left", chat=CHAT, extra_special_tokens=named)
    text = lm_sizes(words, vision_vocab_size=32, rope_parameters={"rope_type": "default", "mrope_section": [2, 1, 1]})
    text["vocab_size"] = 512
    config = transformers.GlmImageConfig(
        text_config=text,
        vision_config={
            "depth": 1,
            "hidden_size": WIDTH,
            "num_heads": 2,
            "image_size": 32,
            "patch_size": 8,
            "intermediate_size": WIDTH,
        },
        vq_config={"embed_dim": WIDTH, "num_embeddings": 32, "latent_channels": WIDTH},
    )
    return {
        "tokenizer": transformers.ByT5Tokenizer(),
        "processor": transformers.GlmImageProcessor(image_processor=image(), tokenizer=words, chat_template=CHAT),
        "text_encoder": t5(384),
        "vision_language_encoder": transformers.GlmImageForConditionalGeneration(config),
        "transformer": diffusers.GlmImageTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=2,
            num_attention_heads=2,
            attention_head_dim=8,
            text_embed_dim=WIDTH,
            time_embed_dim=8,
            condition_dim=4,
            prior_vq_quantizer_codebook_size=32,
        ),
        "vae": bare_vae(latents_mean=[0.0] * 4, latents_std=[1.0] * 4),
        "scheduler": flow(),
    }


def qwen_image(_):
    tokenizer = qwen_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": qwen_vl(tokenizer),
        "transformer": diffusers.QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=2,
            num_attention_heads=2,
            attention_head_dim=WIDTH,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(8, 4, 4),
        ),
        "vae": diffusers.AutoencoderKLQwenImage(
            base_dim=8, z_dim=4, num_res_blocks=1, latents_mean=[0.0] * 4, latents_std=[1.0] * 4
        ),
        "scheduler": shifting(),
    }


def z_image(_):
    tokenizer = qwen_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": transformers.Qwen3Model(transformers.Qwen3Config(**lm_sizes(tokenizer))),
        "transformer": diffusers.ZImageTransformer2DModel(
            in_channels=4,
            dim=32,
            n_layers=1,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=WIDTH,
            axes_dims=[8, 4, 4],
            axes_lens=[1024, 64, 64],
        ),
        "vae": bare_vae(),
        "scheduler": shifting(),
    }


def flux(preset):
    words, letters = clip_tokenizer(), t5_tokenizer()
    return {
        "tokenizer": words,
        "text_encoder": clip(words),
        "tokenizer_2": letters,
        "text_encoder_2": t5(len(letters)),
        "transformer": diffusers.FluxTransformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            num_attention_heads=2,
            attention_head_dim=WIDTH,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            guidance_embeds=preset.guidance_argument is not None,
            axes_dims_rope=(4, 4, 8),
        ),
        "vae": bare_vae(),
        "scheduler": shifting(),
    }


def flux2_transformer(layers, guided):
    return diffusers.Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        num_attention_heads=2,
        attention_head_dim=WIDTH,
        joint_attention_dim=layers * WIDTH,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guided,
    )


def flux2(_):
    words = bytes_tokenizer("[IMG]", "[IMG_BREAK]", "[IMG_END]", chat=CHAT)
    return {
        # The real one is a PixtralProcessor, which needs torchvision; for text it hands everything to its tokenizer.
        "tokenizer": words,
        "text_encoder": mistral(words, transformers.Mistral3ForConditionalGeneration, layers=30),
        "transformer": flux2_transformer(3, guided=True),
        "vae": flux2_vae(),
        "scheduler": shifting(),
    }


def flux2_klein(preset):
    tokenizer = qwen_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**lm_sizes(tokenizer, layers=27))),
        "transformer": flux2_transformer(3, guided=False),
        "vae": flux2_vae(),
        "scheduler": shifting(),
        "is_distilled": preset.guidance_argument is None,
    }


def stable_diffusion_3(_):
    first, second, letters = clip_tokenizer(), clip_tokenizer(), t5_tokenizer()
    return {
        "tokenizer": first,
        "text_encoder": clip(first, projected=True),
        "tokenizer_2": second,
        "text_encoder_2": clip(second, projected=True),
        "tokenizer_3": letters,
        "text_encoder_3": t5_of_width(len(letters), 2 * WIDTH),
        "transformer": diffusers.SD3Transformer2DModel(
            sample_size=8,
            in_channels=4,
            out_channels=4,
            num_layers=2,
            num_attention_heads=2,
            attention_head_dim=8,
            joint_attention_dim=2 * WIDTH,
            caption_projection_dim=16,
            pooled_projection_dim=2 * WIDTH,
        ),
        "vae": bare_vae(),
        "scheduler": flow(shift=3.0),
    }


def t5_of_width(vocabulary, width):
    config = transformers.T5Config(
        vocab_size=vocabulary, d_model=width, d_kv=8, d_ff=width, num_layers=2, num_heads=2, pad_token_id=0
    )
    return transformers.T5EncoderModel(config)


def hunyuan_image(preset):
    tokenizer = qwen_tokenizer()
    distilled = preset.guidance_argument is not None
    guider = None if distilled else diffusers.AdaptiveProjectedMixGuidance(guidance_scale=3.5)
    return {
        "tokenizer": tokenizer,
        "text_encoder": qwen_vl(tokenizer, layers=3),
        "tokenizer_2": transformers.ByT5Tokenizer(),
        "text_encoder_2": t5(384),
        "transformer": diffusers.HunyuanImageTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_single_layers=1,
            num_refiner_layers=1,
            num_attention_heads=2,
            attention_head_dim=WIDTH,
            text_embed_dim=WIDTH,
            text_embed_2_dim=WIDTH,
            rope_axes_dim=(8, 8),
            guidance_embeds=distilled,
            use_meanflow=distilled,
        ),
        "vae": diffusers.AutoencoderKLHunyuanImage(
            in_channels=3,
            out_channels=3,
            latent_channels=4,
            block_out_channels=(32, 32, 32, 32, 32, 32),
            layers_per_block=1,
            spatial_compression_ratio=32,
            sample_size=64,
            scaling_factor=0.75,
        ),
        "scheduler": flow(shift=5.0),
        "guider": guider,
        "ocr_guider": None,
    }


def hunyuan_dit(_):
    words, letters = bytes_tokenizer(front=("<bos>",), back=("<eos>",)), t5_tokenizer()
    bert = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=128,
    )
    return {
        "tokenizer": words,
        "text_encoder": transformers.BertModel(bert),
        "tokenizer_2": letters,
        "text_encoder_2": t5(len(letters)),
        "transformer": diffusers.HunyuanDiT2DModel(
            sample_size=8,
            num_layers=2,
            patch_size=2,
            attention_head_dim=8,
            num_attention_heads=2,
            in_channels=4,
            cross_attention_dim=WIDTH,
            cross_attention_dim_t5=WIDTH,
            pooled_projection_dim=8,
            hidden_size=16,
            use_style_cond_and_image_meta_size=False,
        ),
        "vae": vae(),
        "scheduler": diffusers.DDPMScheduler(),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }


def ovis(_):
    tokenizer = qwen_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": transformers.Qwen3Model(transformers.Qwen3Config(**lm_sizes(tokenizer))),
        "transformer": diffusers.OvisImageTransformer2DModel(
            in_channels=16,
            out_channels=16,
            num_layers=1,
            num_single_layers=1,
            num_attention_heads=2,
            attention_head_dim=WIDTH,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(4, 4, 8),
        ),
        "vae": bare_vae(),
        "scheduler": shifting(),
    }


def longcat(_):
    tokenizer = qwen_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": qwen_vl(tokenizer),
        # The real one needs torchvision; it serves the rewriting alone, which is off.
        "text_processor": tokenizer,
        "transformer": diffusers.LongCatImageTransformer2DModel(
            in_channels=64,
            num_layers=1,
            num_single_layers=1,
            num_attention_heads=2,
            attention_head_dim=WIDTH,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            axes_dims_rope=[4, 4, 8],
        ),
        "vae": bare_vae(channels=16),
        "scheduler": shifting(),
    }


def ernie(_):
    tokenizer = bytes_tokenizer(front=("<bos>",), most=2048)
    return {
        "tokenizer": tokenizer,
        "text_encoder": mistral(tokenizer, transformers.Mistral3Model, layers=2),
        "transformer": diffusers.ErnieImageTransformer2DModel(
            hidden_size=32,
            num_attention_heads=2,
            num_layers=1,
            ffn_hidden_size=32,
            in_channels=16,
            out_channels=16,
            text_in_dim=WIDTH,
            rope_axes_dim=(4, 4, 8),
        ),
        "vae": flux2_vae(),
        "scheduler": flow(),
        "pe": None,
        "pe_tokenizer": None,
    }


def lumina2(_):
    tokenizer = bytes_tokenizer(front=("<bos>",))
    return {
        "tokenizer": tokenizer,
        "text_encoder": gemma(tokenizer),
        "transformer": diffusers.Lumina2Transformer2DModel(
            sample_size=8,
            in_channels=4,
            hidden_size=32,
            num_layers=1,
            num_refiner_layers=1,
            num_attention_heads=2,
            num_kv_heads=1,
            multiple_of=16,
            axes_dim_rope=(8, 4, 4),
            axes_lens=(300, 64, 64),
            cap_feat_dim=WIDTH,
        ),
        "vae": bare_vae(),
        "scheduler": shifting(),
    }


def sana(_):
    tokenizer = bytes_tokenizer(front=("<bos>",))
    return {
        "tokenizer": tokenizer,
        "text_encoder": gemma(tokenizer),
        "transformer": diffusers.SanaTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=8,
            num_layers=2,
            num_cross_attention_heads=2,
            cross_attention_head_dim=8,
            cross_attention_dim=16,
            caption_channels=WIDTH,
            sample_size=32,
        ),
        "vae": diffusers.AutoencoderDC(
            latent_channels=4,
            attention_head_dim=8,
            encoder_block_out_channels=(8,) * 6,
            decoder_block_out_channels=(8,) * 6,
            encoder_layers_per_block=(1,) * 6,
            decoder_layers_per_block=(1,) * 6,
            encoder_qkv_multiscales=((),) * 6,
            decoder_qkv_multiscales=((),) * 6,
        ),
        "scheduler": diffusers.DPMSolverMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
    }


def kolors(_):
    from diffusers.pipelines.kolors import ChatGLMModel, ChatGLMTokenizer
    from diffusers.pipelines.kolors.text_encoder import ChatGLMConfig

    width = 32
    config = ChatGLMConfig(
        num_layers=3,
        padded_vocab_size=65024,
        hidden_size=width,
        ffn_hidden_size=width,
        kv_channels=8,
        num_attention_heads=4,
        seq_length=256,
        multi_query_attention=True,
        multi_query_group_num=2,
        add_qkv_bias=True,
        rmsnorm=True,
        bias_dropout_fusion=False,
        original_rope=True,
    )
    text_encoder = ChatGLMModel(config)
    for weight in text_encoder.parameters():  # some are left as the memory was
        torch.nn.init.normal_(weight, std=0.1)
    return {
        "tokenizer": ChatGLMTokenizer(_pieces()),
        "text_encoder": text_encoder,
        "unet": diffusers.UNet2DConditionModel(
            block_out_channels=(8, 16),
            layers_per_block=1,
            sample_size=8,
            in_channels=4,
            out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=8,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=1,
            projection_class_embeddings_input_dim=width + 6 * 8,
            cross_attention_dim=width,
            norm_num_groups=4,
        ),
        "vae": vae(),
        "scheduler": diffusers.EulerDiscreteScheduler(),
        "force_zeros_for_empty_prompt": False,
    }


def _pieces():
    """Return the path of a SentencePiece model of single bytes."""
    import tempfile
    from pathlib import Path

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f"]),
        model_writer=model,
        model_type="bpe",
        vocab_size=270,
        byte_fallback=True,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    path = Path(tempfile.mkdtemp(prefix="glyphbench-tests-")) / "tokenizer.model"
    path.write_bytes(model.getvalue())
    return str(path)


BUILDERS = {
    "CogView4Pipeline": cogview4,
    "CogView4ControlPipeline": cogview4,
    "CogView3PlusPipeline": cogview3,
    "GlmImagePipeline": glm_image,
    "QwenImagePipeline": qwen_image,
    "ZImagePipeline": z_image,
    "FluxPipeline": flux,
    "Flux2Pipeline": flux2,
    "Flux2KleinPipeline": flux2_klein,
    "StableDiffusion3Pipeline": stable_diffusion_3,
    "KolorsPipeline": kolors,
    "HunyuanImagePipeline": hunyuan_image,
    "HunyuanDiTPipeline": hunyuan_dit,
    "OvisImagePipeline": ovis,
    "LongCatImagePipeline": longcat,
    "ErnieImagePipeline": ernie,
    "Lumina2Pipeline": lumina2,
    "SanaPipeline": sana,
}
