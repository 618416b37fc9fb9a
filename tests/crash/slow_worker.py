"""Entry point of a worker that knows one more service, `tests.outside`: it does what the case's variables say.

Every call is a line in the file `calls` of the worker's folder: the job's idempotency key.
"""

from __future__ import annotations

import time

from engine import bootstrap
from engine.runtime.registry import ServiceTaskType
from engine.worker import run


def outside(engine, job):
    """A system outside that takes its time when it is asked for the first time, or never answers."""
    file = engine.var_dir / "calls"
    first = not file.exists() or job.idempotency_key not in file.read_text().split()
    with file.open("a") as calls:
        calls.write(f"{job.idempotency_key}\n")
    if job.inputs.get("broken"):
        raise ConnectionError("the carrier does not answer")
    if first:
        time.sleep(job.inputs.get("seconds", 0))
    return {"answer": job.idempotency_key}


def main() -> None:
    """Work with four threads until told to stop."""
    from engine.cli.shared import read_settings

    app = bootstrap.application(read_settings())
    app.engine.registry.add(ServiceTaskType(type="tests.outside", handler=outside, remote=True))
    run(app, threads=4)


if __name__ == "__main__":
    main()
