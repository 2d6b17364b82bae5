"""The JSON schemas of the topics, made from the models.

python -m tests.docs.schema_files     writes topics/schemas/*.json
"""

from pathlib import Path
from typing import Final

from tierlane.routing.schema import MODELS, written

FOLDER: Final = Path(__file__).parents[2] / "topics" / "schemas"

if __name__ == "__main__":
    for name in MODELS:
        (FOLDER / f"{name}.json").write_text(written(name), encoding="utf-8")
