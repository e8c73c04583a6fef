"""The command line in a process of its own that ends when its parent does, however that ends."""

from __future__ import annotations

import os
import threading

from bench.errors import EXIT_INTERRUPTED

CODE = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from bench.watching.child import main; main()"
"""For `python -c`: the first argument is the parent's module path, so that the same packages are found."""


def main() -> None:
    """Run the command line. Standard input is a pipe from the parent, which closes when that is gone."""
    from bench.__main__ import main as run

    threading.Thread(target=_end_with_parent, daemon=True).start()
    run()


def _end_with_parent() -> None:
    # Not sys.stdin, whose lock a blocked thread would hold when the interpreter ends.
    os.read(0, 1)
    os._exit(EXIT_INTERRUPTED)
