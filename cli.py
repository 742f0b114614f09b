"""Run chainnet's command line from a checkout: ``python cli.py …``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from chainnet.commands import main

if __name__ == "__main__":
    main()
