"""How a command ends when it does not end well.

GlyphbenchError (prompts.errors)    exit code 2: usage or configuration
└── RunFailedError                  exit code 4: the run failed, what was done is kept
"""

from __future__ import annotations

import errno

from prompts.errors import GlyphbenchError

DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM})
"""What the operating system says of a disk that is full, read-only, forbidden or broken."""

EXIT_REGRESSION = 1
EXIT_USAGE = 2
EXIT_NO_VERDICT = 3
EXIT_RUN_FAILED = 4
EXIT_INTERRUPTED = 130


class RunFailedError(GlyphbenchError):
    """Raised when a run cannot go on; what it has done so far is on disk."""
