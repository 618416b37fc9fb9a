"""A real provider of sign-ins for tests: npm's certified oidc-provider. `python -m tests.oidc.running` installs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hatch_build

HERE = Path(__file__).parent / "provider"
#: Installed outside of the sources, so that whatever looks at those finds only ours.
FOLDER = Path(__file__).resolve().parents[2] / "var" / "oidc-provider"


class NotInstalled(Exception):
    """npm could not install the provider; without it nothing is shown about signing in by one."""


@dataclass
class RunningProvider:
    """The provider's process."""

    process: subprocess.Popen[str]
    issuer: str

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def install() -> Path:
    """The provider's folder, made by `npm ci` from the lock file; quick when it was before. Raises `NotInstalled`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for source in HERE.iterdir():
        if source.is_file():
            shutil.copy(source, FOLDER / source.name)
    try:
        hatch_build.install(FOLDER)
    except (subprocess.CalledProcessError, OSError) as error:
        raise NotInstalled(
            f"The provider of sign-ins that tests/oidc run against was not installed ({error}). It is an npm package,"
            " pinned in tests/oidc/provider/package-lock.json: is the npm registry within reach?"
        ) from error
    return FOLDER


def start(
    people: Mapping[str, Any], secret: str, *, back: Sequence[str], out: Sequence[str]
) -> RunningProvider:
    """A provider of its own on a free port that knows these people. Raises `NotInstalled`."""
    node, environment = hatch_build.started_by("node")
    told = {"secret": secret, "people": people, "back": back, "out": out}
    process = subprocess.Popen(
        [*node, "server.mjs", json.dumps(told)],
        cwd=install(),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    issuer = process.stdout.readline().strip()
    assert issuer.startswith("http://127.0.0.1:"), "the provider did not start"
    return RunningProvider(process, issuer)


if __name__ == "__main__":
    try:
        install()
    except NotInstalled as error:
        sys.exit(str(error))
