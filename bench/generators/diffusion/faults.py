"""What goes wrong inside a pipeline, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from prompts.suite import Size

if TYPE_CHECKING:
    import numpy as np

CALL_FAULTS = (RuntimeError, ValueError, MemoryError)
"""What a call raises for a picture that it cannot draw."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, on a device or on the host."""
    return isinstance(error, torch.cuda.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def describe(error: BaseException) -> str:
    """Return the kind and the first line of an error."""
    return f"{type(error).__name__}: {first_line(error)}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text."""
    return str(error).strip().partition("\n")[0]


def unfinite(share: float, where: str = "") -> str:
    """Return the sentence for values of which `share` (0 to 1) are NaN or infinite."""
    return (
        f"{share:.0%} of the values are not finite{where}: numbers overflowed on the way (float16 often does; try "
        "dtype=bfloat16 or dtype=float32), or the weights are damaged"
    )


def fault_in_latents(latents: Any) -> str | None:  # noqa: ANN401 - a tensor
    """Return what is wrong with the latents of a picture, or None."""
    broken = 1 - torch.isfinite(latents).double().mean().item()
    return unfinite(broken, " in the transformer's result, before it was decoded") if broken > 0 else None


def fault_in(pixels: np.ndarray, size: Size) -> str | None:
    """Return what is wrong with `pixels` (pictures × height × width × channels, 0 to 1), or None."""
    import numpy as np

    drawn = Size(pixels.shape[2], pixels.shape[1])
    if drawn != size:
        return f"asked for {size.width}x{size.height}, the pipeline drew {drawn.width}x{drawn.height}"
    broken = 1 - np.isfinite(pixels).mean()
    return unfinite(float(broken)) if broken > 0 else None
