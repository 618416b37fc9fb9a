"""The frame around a repeated activity: multi-instance and standard loop."""

from typing import Any

from engine.bpmn import throwing
from engine.bpmn.expressions import boolean, value
from engine.bpmn.model import Element
from engine.bpmn.specs.base import ElementSpec
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble
from engine.bpmn.variables import MISSING, Irreconcilable, merge


class LoopSpec(ElementSpec):
    """Runs ``inner`` again and again; holds the boundary events and flows of the activity."""

    def __init__(self, wf_spec: Any, element: Element, inner: ElementSpec):
        super().__init__(wf_spec, element)
        self.inner = inner
        self.loop = element.loop

    def local_variables(self, token: Token) -> dict[str, Any]:
        """Input mappings belong to each repetition."""
        return {}

    def results(self, token: Token, result: dict[str, Any]) -> dict[str, Any]:
        return result

    def view(self, token: Token) -> dict[str, Any]:
        """What the finished repetitions left; those under way keep theirs to themselves."""
        return {**token.data, **token.internal_data.get("merged", {})}

    def repeat(self, body: Token, index: int, item: Any = MISSING) -> None:
        """Start the repetition ``index``, counted from 1."""
        given = {"loopCounter": index}
        if self.loop.element and item is not MISSING:
            given[self.loop.element] = item
        data = {**body.data, **body.internal_data.get("merged", {})} if self.loop.sequential else body.data
        body.workflow.spawn(self.inner, body, data, internal={"index": index, "given": given})

    def stop(self, body: Token, result: dict[str, Any]) -> None:
        for child in body.inside():
            child.cancel()
        self.finish(body, result)


class StandardLoopSpec(LoopSpec):
    """Repeats while its condition holds, at most ``loopMaximum`` times."""

    def __init__(self, wf_spec: Any, element: Element, inner: ElementSpec):
        super().__init__(wf_spec, element, inner)
        self.type = "loopBody"

    def execute(self, token: Token) -> dict[str, Any] | None:
        if self.loop.maximum == 0 or (self.loop.test_before and not self._again(token, token.data, 0)):
            return {}
        self.repeat(token, 1)
        return None

    def gather(
        self, container: Token, token: Token, result: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        merged = {**container.internal_data.get("merged", {}), **values}
        index = token.internal_data["index"]
        again = self._again(container, {**container.data, **merged, "loopCounter": index}, index)
        return {"merged": merged, "index": index, "again": again}

    def token_ended(self, container: Token, token: Token) -> None:
        gathered = token.internal_data["gathered"]
        container.internal_data["merged"] = gathered["merged"]
        container.workflow.detach(token)
        if gathered["again"]:
            self.repeat(container, gathered["index"] + 1)
        else:
            self.finish(container, gathered["merged"])

    def _again(self, body: Token, variables: dict[str, Any], done: int) -> bool:
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return False
        return not self.loop.condition or boolean(body.workflow.environment, self.loop.condition, variables)


class MultiInstanceSpec(LoopSpec):
    """Once for each item of a collection (or a given number of times), all at once or one after the other."""

    def __init__(self, wf_spec: Any, element: Element, inner: ElementSpec):
        super().__init__(wf_spec, element, inner)
        self.type = "multiInstanceBody"

    def execute(self, token: Token) -> dict[str, Any] | None:
        items = self._items(token)
        if len(items) > token.workflow.limits.repetitions:
            raise Trouble(
                "limit",
                f"{len(items)} repetitions are more than the {token.workflow.limits.repetitions} allowed: "
                "split the collection",
                repetitions=len(items),
            )
        if not items:
            return {self.loop.output_collection: []} if self.loop.output_collection else {}
        state = {"total": len(items), "count": 0, "merged": {}}
        if self.loop.output_collection:
            state["outputs"] = [None] * len(items)
        token.internal_data.update(state)
        if self.loop.sequential:
            token.internal_data["items"] = items
        for index, item in enumerate(items[:1] if self.loop.sequential else items, start=1):
            self.repeat(token, index, item)
        return None

    def gather(
        self, container: Token, token: Token, result: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        state, loop = container.internal_data, self.loop
        index = token.internal_data["index"]
        seen = {**token.visible, **result, **values}
        outputs = state.get("outputs")
        if outputs is not None:
            item = value(token.workflow.environment, loop.output_element or "=null", seen)
            outputs = [*outputs[: index - 1], item, *outputs[index:]]
            seen[loop.output_collection] = outputs
        merged = self._merged(container, values)
        done = state["count"] + 1
        counters = {
            "numberOfInstances": state["total"],
            "numberOfCompletedInstances": done,
            "numberOfTerminatedInstances": 0,
            "numberOfActiveInstances": (1 if loop.sequential else state["total"])
            - (0 if loop.sequential else done),
        }
        stop = bool(loop.completion_condition) and boolean(
            token.workflow.environment, loop.completion_condition or "", {**seen, **counters}
        )
        return {"outputs": outputs, "merged": merged, "count": done, "index": index, "stop": stop}

    def token_ended(self, container: Token, token: Token) -> None:
        gathered, state, workflow = (
            token.internal_data["gathered"],
            container.internal_data,
            container.workflow,
        )
        state |= {"merged": gathered["merged"], "count": gathered["count"]}
        if gathered["outputs"] is not None:
            state["outputs"] = gathered["outputs"]
        workflow.detach(token)
        if self._throws(gathered["count"]):
            throwing.throw(container, self.loop.event)
            if not container.alive:
                return
        if gathered["stop"] or gathered["count"] == state["total"]:
            collected = {self.loop.output_collection: state["outputs"]} if self.loop.output_collection else {}
            self.stop(container, {**state["merged"], **collected})
        elif self.loop.sequential:
            index = gathered["index"] + 1
            self.repeat(container, index, state["items"][index - 1])

    def _throws(self, count: int) -> bool:
        if self.loop.event is None:
            return False
        return self.loop.behavior == "None" or (self.loop.behavior == "One" and count == 1)

    def _items(self, token: Token) -> list[Any]:
        environment, loop = token.workflow.environment, self.loop
        if loop.collection:
            items = value(environment, loop.collection, token.data)
            if not isinstance(items, list):
                raise Trouble(
                    "collection", f"{loop.collection} gives {items!r}, not a list", expression=loop.collection
                )
            return items
        count = value(environment, loop.cardinality or "", token.data)
        try:
            times = int(count)
        except (TypeError, ValueError):
            times = -1
        if isinstance(count, bool) or times < 0:
            raise Trouble("collection", f"{loop.cardinality} gives {count!r}, no number of repetitions")
        return [None] * min(times, token.workflow.limits.repetitions + 1)

    def _merged(self, container: Token, values: dict[str, Any]) -> dict[str, Any]:
        """What the repetitions leave behind together; in parallel ones a collection stands for their results."""
        merged = container.internal_data["merged"]
        collected = self.loop.output_collection and not self.element.outputs
        if self.loop.sequential:
            item = (self.loop.output_element or "").removeprefix("=").strip() if collected else ""
            return {**merged, **{name: given for name, given in values.items() if name != item}}
        if collected:
            return merged
        together = dict(merged)
        for name, given in values.items():
            try:
                together[name] = (
                    merge(container.data.get(name, MISSING), merged[name], given) if name in merged else given
                )
            except Irreconcilable:
                raise Trouble(
                    "conflict",
                    f"the repetitions wrote different values to {name!r}; collect them with an output collection",
                    variable=name,
                    writers=[self.element.id, self.element.id],
                ) from None
        return together
