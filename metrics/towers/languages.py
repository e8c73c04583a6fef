"""Which languages a tower was trained on."""

from __future__ import annotations

from prompts.errors import GlyphbenchError

MULTILINGUAL = ("siglip2", "i18n", "xlm-roberta", "mt5", "nllb", "m-clip", "metaclip-2", "worldwide")
"""Parts of names of towers that know Chinese and English among many other languages."""
CHINESE_ONLY = ("chinese-clip", "cn_clip")
PUBLISHERS = ("laion/", "timm/", "apple/")
"""Whose models on the hub are those that open_clip knows by name, so that the rules for names hold for them."""
SUGGESTED = ("ViT-B-16-SigLIP2-256?pretrained=webli", "xlm-roberta-base-ViT-B-32?pretrained=laion5b_s13b_b90k")


def languages_of(name: str) -> frozenset[str]:
    """Return the languages that the tower of a published name knows: all other open_clip models know English only."""
    lowered = name.lower()
    if any(part in lowered for part in CHINESE_ONLY):
        return frozenset({"zh"})
    if any(part in lowered for part in MULTILINGUAL):
        return frozenset({"zh", "en"})
    return frozenset({"en"})


def says_languages(repository: str) -> bool:
    """Return whether the name of a model on the hub tells what it knows, or it must be stated."""
    lowered = repository.lower()
    return lowered.startswith(PUBLISHERS) or any(part in lowered for part in MULTILINGUAL + CHINESE_ONLY)


def require_language(tower: str, known: frozenset[str], language: str) -> None:
    """Refuse prompts in a language (zh, en or mixed) that the tower does not know.

    Raises:
        GlyphbenchError: The language is not among `known`; the message names two towers that know it.
    """
    needed = {"zh", "en"} if language == "mixed" else {language}
    if not needed <= known:
        raise GlyphbenchError(
            f"--tower {tower!r} knows {', '.join(sorted(known))}, and the suite has prompts in "
            f"{' and '.join(sorted(needed))}: take one that knows both, such as  "
            f"--tower '{SUGGESTED[0]}'  or  --tower '{SUGGESTED[1]}'"
        )
