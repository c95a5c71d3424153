import importlib.util
import io
import json
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from bot.understanding.command import interpret_jsonl

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "examples"


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", FOLDER / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the labelled examples are not here")
def test_labelled_examples_are_understood_and_none_dangerously() -> None:
    score = scorer()
    corpus = list(score.read_jsonl(FOLDER / "examples.jsonl"))
    sink = io.StringIO()

    with (FOLDER / "examples.jsonl").open(encoding="utf-8") as source:
        interpret_jsonl(source, sink, "harbour-pine-us", date(2026, 11, 20))

    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    result = score.score(corpus, {a["id"]: a["interpretation"] for a in answers})
    assert result["missing"] == 0
    assert result["dangerous"] == 0
    assert result["exact"] >= 0.97 * result["total"]
