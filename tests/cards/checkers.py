"""The platforms' own definitions, where somebody has set their checkers up.

They are looked for in `COUNTERSIGN_CHECKERS`, else beside the project; without
them (or without their set-up) the tests that need them are skipped, saying so.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_BESIDE = Path(__file__).parents[2] / ".." / "shared" / "tools"


def folder(name: str) -> Path:
    """The checker's folder, set up; skips the test where it is not."""
    given = os.environ.get("COUNTERSIGN_CHECKERS")
    found = (Path(given) if given else _BESIDE) / name
    if not found.is_dir():
        pytest.skip(f"the checker {name} is not here")
    if not (found / ".venv" / "bin" / "python").exists():
        pytest.skip(f"the checker {name} is not set up (see its README)")
    return found.resolve()


def run(tool: Path, script: str, payload: Any) -> Any:
    """What a script says in JSON, run by the tool's own Python in its folder."""
    done = subprocess.run(  # noqa: S603 - the checker that a developer set up
        [str(tool / ".venv" / "bin" / "python"), "-c", script],
        input=json.dumps(payload),
        capture_output=True,
        text=True,
        cwd=tool,
        check=True,
    )
    return json.loads(done.stdout)


def node(tool: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Node script of the tool; skips the test where there is no Node."""
    program = shutil.which("node")
    if program is None or not (tool / "node_modules").is_dir():
        pytest.skip("Node or the checker's packages are not installed")
    return subprocess.run(  # noqa: S603 - the checker that a developer set up
        [program, *arguments], capture_output=True, text=True, cwd=tool, check=False
    )
