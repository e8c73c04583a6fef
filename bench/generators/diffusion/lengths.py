"""Counts what a pipeline's tokenizers make of a prompt, in the way in which the pipeline itself does before it cuts.

Each function follows one method of diffusers (named in it), and takes its templates from there.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

import diffusers

from bench.generators.diffusion.checkpoint import Checkpoint
from bench.generators.diffusion.presets import Counting, Preset, TokenLimit
from bench.generators.listing import first_of
from prompts.errors import GlyphbenchError

Count: TypeAlias = Callable[[str], int]

_log = logging.getLogger(__name__)


def length_faults(preset: Preset, checkpoint: Checkpoint, pipeline: type[Any], prompts: Mapping[str, str]) -> list[str]:
    """Return a line for each tokenizer that would cut prompts off, with their ids and how many tokens they have.

    Where the model means a tokenizer to see the beginning alone, this is said in the log and is no fault.

    Args:
        preset: How much is read.
        checkpoint: Where the tokenizers lie.
        pipeline: The class that cuts.
        prompts: Texts by id.

    Raises:
        GlyphbenchError: A tokenizer cannot be loaded.
    """
    faults = []
    for limit in preset.limits:
        if limit.tokenizer not in checkpoint.parts:
            continue
        tokenizer = open_tokenizer(checkpoint, limit.tokenizer)
        count = token_counter(limit, tokenizer, pipeline)
        most = limit.tokens if limit.tokens is not None else int(tokenizer.model_max_length)
        lengths = {name: count(text) for name, text in prompts.items()}
        long = [f"{name} ({length})" for name, length in lengths.items() if length > most]
        if long and limit.whole:
            faults.append(f"prompts of more than {most} tokens, which would be cut off: {first_of(long)}")
        elif long:
            _log.info("%s sees only the first %d tokens of %d prompts", limit.tokenizer, most, len(long))
    return faults


def open_tokenizer(checkpoint: Checkpoint, part: str) -> Any:  # noqa: ANN401 - untyped
    """Return the tokenizer `part` of a checkpoint, without loading or fetching anything else.

    Raises:
        GlyphbenchError: Its class is not installed, or its files are damaged.
    """
    library, name = checkpoint.parts[part]
    known = library in {"diffusers", "transformers"}
    module = import_module(library) if known else getattr(diffusers.pipelines, library)
    tokenizer_class = getattr(module, name, None)
    if tokenizer_class is None:
        raise GlyphbenchError(f"{checkpoint.source}: {library} has no {name}; pip install --upgrade {library}")
    try:
        return tokenizer_class.from_pretrained(checkpoint.source, subfolder=part, revision=checkpoint.commit)
    except (OSError, ValueError, RuntimeError, ImportError, AttributeError) as error:
        raise GlyphbenchError(f"{checkpoint.source}: {part} cannot be loaded: {error}") from error


def token_counter(limit: TokenLimit, tokenizer: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401 - untyped
    """Return a function that counts the tokens of a prompt that `limit` is about.

    Args:
        limit: Which tokenizer reads how much of what.
        tokenizer: That tokenizer (a processor for some models).
        pipeline: The class that cuts.
    """
    return _COUNTERS[limit.counting](tokenizer, pipeline)


def _plain(tokenizer: Any, _: type[Any]) -> Count:  # noqa: ANN401
    """Count the prompt as it is, special tokens included."""
    return lambda prompt: len(tokenizer(prompt).input_ids)


def _template(tokenizer: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401
    """`_get_qwen_prompt_embeds`: inside a template whose first tokens are dropped afterwards."""
    shell = _shell(pipeline)
    template, dropped = shell.prompt_template_encode, shell.prompt_template_encode_start_idx
    return lambda prompt: len(tokenizer(template.format(prompt)).input_ids) - dropped


def _z_image(tokenizer: Any, _: type[Any]) -> Count:  # noqa: ANN401
    """`ZImagePipeline._encode_prompt`."""
    return lambda prompt: _chat_length(tokenizer, prompt, enable_thinking=True)


def _flux2_klein(tokenizer: Any, _: type[Any]) -> Count:  # noqa: ANN401
    """`Flux2KleinPipeline._get_qwen3_prompt_embeds`."""
    return lambda prompt: _chat_length(tokenizer, prompt, enable_thinking=False)


def _ovis(tokenizer: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401
    """`OvisImagePipeline._get_ovis_prompt_embeds`."""
    shell = _shell(pipeline)

    def count(prompt: str) -> int:
        text = _chat_text(tokenizer, shell.system_prompt + prompt, enable_thinking=False)
        return len(tokenizer(text, add_special_tokens=False).input_ids) - int(shell.user_prompt_begin_id)

    return count


def _flux2(processor: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401
    """`Flux2Pipeline._get_mistral_3_small_prompt_embeds`."""
    from diffusers.pipelines.flux2.pipeline_flux2 import format_input

    system = _shell(pipeline).system_message

    def count(prompt: str) -> int:
        messages = format_input(prompts=[prompt], system_message=system)
        tokens = processor.apply_chat_template(messages, add_generation_prompt=False, tokenize=True, return_dict=True)
        return len(tokens["input_ids"][0])

    return count


def _lumina2(tokenizer: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401
    """`Lumina2Pipeline.encode_prompt`."""
    system = _shell(pipeline).system_prompt
    return lambda prompt: len(tokenizer(f"{system} <Prompt Start> {prompt}").input_ids)


def _sana(tokenizer: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401
    """`SanaPipeline._get_gemma_prompt_embeds`: behind an instruction, whose tokens are not counted."""
    instruction = "\n".join(inspect.signature(pipeline.__call__).parameters["complex_human_instruction"].default)
    # Two more than the prompt has, as the pipeline reckons: it allows the instruction's tokens, and 300 less 2.
    behind = len(tokenizer(instruction).input_ids) - 2
    return lambda prompt: len(tokenizer(instruction + prompt).input_ids) - behind


def _longcat(tokenizer: Any, _: type[Any]) -> Count:  # noqa: ANN401
    """`LongCatImagePipeline._encode_prompt`: what stands in quotes is tokenised character by character."""
    from diffusers.pipelines.longcat_image.pipeline_longcat_image import split_quotation

    def count(prompt: str) -> int:
        pieces = [piece for text, quoted in split_quotation(prompt) for piece in (text if quoted else [text])]
        return sum(len(tokenizer(piece, add_special_tokens=False).input_ids) for piece in pieces)

    return count


def _glm_quotes(tokenizer: Any, pipeline: type[Any]) -> Count:  # noqa: ANN401
    """`GlmImagePipeline._get_glyph_embeds`: the longest of what stands in quotes."""
    shell = _shell(pipeline)

    def count(prompt: str) -> int:
        return max((len(tokenizer(text).input_ids) for text in shell.get_glyph_texts(prompt)[0]), default=0)

    return count


def _hunyuan_quotes(tokenizer: Any, _: type[Any]) -> Count:  # noqa: ANN401
    """`HunyuanImagePipeline._get_byt5_prompt_embeds`: all that stands in quotes."""
    from diffusers.pipelines.hunyuan_image.pipeline_hunyuanimage import extract_glyph_text

    def count(prompt: str) -> int:
        text = extract_glyph_text(prompt)
        return 0 if text is None else len(tokenizer(text).input_ids)

    return count


_COUNTERS: Mapping[Counting, Callable[[Any, type[Any]], Count]] = {
    "plain": _plain,
    "template": _template,
    "z-image": _z_image,
    "flux2": _flux2,
    "flux2-klein": _flux2_klein,
    "ovis": _ovis,
    "lumina2": _lumina2,
    "sana": _sana,
    "longcat": _longcat,
    "glm-quotes": _glm_quotes,
    "hunyuan-quotes": _hunyuan_quotes,
}


def _chat_text(tokenizer: Any, prompt: str, *, enable_thinking: bool) -> str:  # noqa: ANN401
    messages = [{"role": "user", "content": prompt}]
    text: str = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, enable_thinking=enable_thinking
    )
    return text


def _chat_length(tokenizer: Any, prompt: str, *, enable_thinking: bool) -> int:  # noqa: ANN401
    return len(tokenizer(_chat_text(tokenizer, prompt, enable_thinking=enable_thinking)).input_ids)


def _shell(pipeline: type[Any]) -> Any:  # noqa: ANN401 - untyped
    """Return a pipeline without parts, which knows its templates."""
    required = [
        name
        for name, parameter in inspect.signature(pipeline.__init__).parameters.items()
        if name != "self" and parameter.default is inspect.Parameter.empty
    ]
    verbosity = diffusers.utils.logging.get_verbosity()
    diffusers.utils.logging.set_verbosity_error()
    try:
        return pipeline(**dict.fromkeys(required))
    finally:
        diffusers.utils.logging.set_verbosity(verbosity)
