"""What can be chosen of the `paddleocr` reader."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class PaddleOptions(BaseModel):
    """Options of the reader; those of detection that are left out are the model's own (`inference.yml`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: Literal["onnxruntime", "paddle", "transformers"] = "onnxruntime"
    models: str = "v6-small"
    det: Path | None = None
    rec: Path | None = None
    device: Literal["cpu", "gpu"] = "cpu"
    threads: int = Field(1, ge=1, le=64)
    side: int | None = Field(None, ge=32, le=8192)
    limit: Literal["min", "max"] | None = None
    threshold: float | None = Field(None, ge=0, le=1)
    box_threshold: float | None = Field(None, ge=0, le=1)
    unclip: float | None = Field(None, gt=0, le=5)

    @model_validator(mode="after")
    def _whole(self) -> PaddleOptions:
        if self.limit and not self.side:
            raise ValueError("limit says how side is meant: give side as well")
        return self

    def engine_configuration(self) -> dict[str, Any] | None:
        """Return what PaddleOCR is to tell its engine; None for the engine's own defaults."""
        if self.engine == "onnxruntime":
            return {"intra_op_num_threads": self.threads, "inter_op_num_threads": 1}
        if self.engine == "paddle" and self.device == "cpu":
            static: dict[str, Any] = {"run_mode": "mkldnn", "cpu_threads": self.threads}
            if tuple(map(int, version("paddlepaddle").split(".")[:2])) >= (3, 3):
                static["enable_new_ir"] = False  # 3.3 with oneDNN stops in the new one (Paddle #77340)
            return {"paddle_static": static}
        return None
