"""Which languages a tower was trained on."""

from __future__ import annotations

from prompts.errors import GlyphbenchError

MULTILINGUAL = ("siglip2", "i18n", "xlm-roberta", "mt5", "nllb", "m-clip", "metaclip-2", "worldwide")
"""Parts of names of towers that know Chinese and English among many other languages."""
CHINESE_ONLY = ("chinese-clip", "cn_clip")
SUGGESTED = ("ViT-B-16-SigLIP2-256?pretrained=webli", "xlm-roberta-base-ViT-B-32?pretrained=laion5b_s13b_b90k")


def languages_of(name: str) -> frozenset[str]:
    """Return the languages that the tower of a published name knows: all other open_clip models know English only."""
    lowered = name.lower()
    if any(part in lowered for part in CHINESE_ONLY):
        return frozenset({"zh"})
    if any(part in lowered for part in MULTILINGUAL):
        return frozenset({"zh", "en"})
    return frozenset({"en"})


def require_language(tower: str, known: frozenset[str], language: str) -> None:
    """Refuse a prompt in a language that the tower does not know.

    Raises:
        GlyphbenchError: The language is not among `known`; the message names two towers that know it.
    """
    if language not in known:
        raise GlyphbenchError(
            f"--tower {tower!r} knows {', '.join(sorted(known))}, and the suite has prompts in {language}: "
            f"take one that knows both, such as  --tower '{SUGGESTED[0]}'  or  --tower '{SUGGESTED[1]}'"
        )
