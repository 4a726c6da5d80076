"""One lock for conda, make and CI."""

import hashlib
import re
from pathlib import Path

ENVS = Path(__file__).parents[1] / "envs"
LOCK = (ENVS / "requirements.txt").read_text()


def test_every_version_is_pinned():
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!]+", line) for line in lines)
    assert "torch==2.13.0" in lines


def test_what_is_asked_for_by_hand_is_locked():
    locked = {line.split("==")[0].lower() for line in LOCK.splitlines() if "==" in line}
    asked = re.findall(r"^([a-zA-Z]\w*)", (ENVS / "requirements.in").read_text(), re.MULTILINE)
    assert {name.lower() for name in asked} <= locked


def test_conda_sees_a_new_environment_when_the_lock_changes():
    digest = hashlib.sha256(LOCK.encode()).hexdigest()[:16]
    script = (ENVS / "textvae.post-deploy.sh").read_text()
    assert f"# requirements.txt: {digest}\n" in script, "run `make lock`"
    assert "-r envs/requirements.txt" in script
