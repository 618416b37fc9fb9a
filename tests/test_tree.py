"""What must be true of the tree itself."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: Put together here so that this file does not name them.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("deb", "debian", "org"),
        ("unpkg", "com"),
        ("cdn", "jsdelivr", "net"),
    )
]


def _tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_registry_address_is_in_the_tree():
    found = [
        f"{path.relative_to(ROOT)}: {registry}"
        for path in _tracked()
        for registry in REGISTRIES
        if registry.encode() in path.read_bytes()
    ]
    assert not found


def test_no_python_from_a_diagram_is_ever_run():
    """Decision 5: the engine holds no exec, no eval, no Python script engine."""
    suspects = ("exec(", "eval(", "PythonScriptEngine")
    found = [
        f"{path.relative_to(ROOT)}: {suspect}"
        for path in _tracked()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "engine")
        for line in path.read_text(encoding="utf-8").splitlines()
        for suspect in suspects
        if suspect in line.replace(f".{suspect}", "").replace(f"_{suspect}", "")
        and not line.lstrip().startswith("#")
    ]
    assert not found


def test_modules_stay_readable():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked()
        if path.suffix == ".py" and "migrations/versions" not in str(path)
        for lines in [len(path.read_text(encoding="utf-8").splitlines())]
        if lines > 400
    }
    assert not long


@pytest.mark.parametrize("name", ["make run", "make test", "docs/architecture.md", "CHANGELOG.md"])
def test_the_readme_names_what_a_newcomer_needs(name):
    assert name in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_shipped_procedure_has_scenarios():
    diagrams = {path.stem for path in (ROOT / "processes" / "bpmn").glob("*.bpmn")}
    told = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "processes" / "scenarios").glob("*.yaml")
    )
    assert {
        "repair",
        "refund_only",
        "return_and_refund",
        "exchange",
        "complaint",
        "parts_requisition",
    } <= diagrams
    assert all(
        f"process: {name}" in told
        for name in ("repair", "refund_only", "return_and_refund", "exchange", "complaint")
    )
