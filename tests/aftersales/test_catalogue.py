"""Every service-task type can be picked from the catalogue in the modeller."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.aftersales.catalogue import SERVICE_TASKS

TEMPLATES = Path(__file__).resolve().parents[2] / "processes" / "templates"
FILES = sorted(TEMPLATES.glob("*.json"))


def template(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_is_one_template_for_each_type():
    assert {path.stem for path in FILES} == {service_task.type for service_task in SERVICE_TASKS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_template_is_complete(path):
    content = template(path)
    assert content["id"] == f"aftercare.{path.stem}"
    assert content["appliesTo"] and content["elementType"]["value"] in content["appliesTo"]
    kinds = [item for item in content["properties"] if item["binding"]["type"] == "zeebe:taskDefinition"]
    assert [item["value"] for item in kinds if item["binding"]["property"] == "type"] == [path.stem]
    groups = {group["id"] for group in content["groups"]}
    for item in content["properties"]:
        if item["type"] != "Hidden":
            assert item["label"] and item["description"] and item["group"] in groups


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_template_names_what_its_handler_documents(path):
    handler = next(service_task.handler for service_task in SERVICE_TASKS if service_task.type == path.stem)
    documented = handler.__doc__ or ""
    for item in template(path)["properties"]:
        binding = item["binding"]
        name = binding.get("name") or binding.get("key") or binding.get("source", "").removeprefix("=")
        if binding["type"] != "zeebe:taskDefinition":
            assert re.search(rf"\b{name}\b", documented), (
                f"{path.stem}: {name} is not in the handler's docstring"
            )
