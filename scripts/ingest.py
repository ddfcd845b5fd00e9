"""Index `knowledge/`, or `--source DIR` with manual/ and history/, into Chroma."""  # noqa: INP001 - a script, no package

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run from a checkout

from bot.retrieval.index import main

if __name__ == "__main__":
    sys.exit(main())
