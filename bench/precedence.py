"""Makes Python find this project's `metrics`, `prompts` and `reports` and not those of the working directory.

`python -m` and notebooks put the working directory first on the module path, and a training repository often has a
`metrics` package of its own. Only these top-level names are affected; everything else is found as before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

OWN_PACKAGES = ("metrics", "prompts", "reports")
_ROOT = Path(__file__).resolve().parent.parent


class _OwnPackagesFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in OWN_PACKAGES:
            return None
        return PathFinder.find_spec(fullname, [str(_ROOT)], target)


def put_own_packages_first() -> None:
    """Make imports of our packages find ours from now on, in this process.

    Raises:
        ImportError: Another package of one of these names is already imported here.
    """
    for name in OWN_PACKAGES:
        loaded = sys.modules.get(name)
        if loaded is not None and not _is_ours(loaded, name):
            place = next(iter(getattr(loaded, "__path__", ())), getattr(loaded, "__file__", "an unknown place"))
            raise ImportError(
                f"Glyphbench needs its own package {name!r}, but another one is already imported from {place}; "
                "import bench before it, or use Glyphbench in a process of its own"
            )
    if not any(isinstance(finder, _OwnPackagesFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OwnPackagesFinder())


def _is_ours(module: ModuleType, name: str) -> bool:
    return any(Path(place).resolve() == _ROOT / name for place in getattr(module, "__path__", ()))
