"""Run chainnet's command line from a checkout: ``python cli.py …``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    from chainnet.commands import main
except ModuleNotFoundError as error:
    sys.exit(f"chainnet needs {error.name}: install it with `make demo` or `pip install .`")

if __name__ == "__main__":
    main()
