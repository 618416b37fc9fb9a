"""The rules a diagram has to keep to be deployed: each a function from the document to what breaks it."""

from engine.bpmn.rules import (
    activities,
    dialect,
    events,
    expressions,
    flows,
    gateways,
    links,
    loops,
    messages,
    references,
    scopes,
    timers,
)

RULES = (
    *references.RULES,
    *scopes.RULES,
    *flows.RULES,
    *gateways.RULES,
    *events.RULES,
    *messages.RULES,
    *links.RULES,
    *timers.RULES,
    *activities.RULES,
    *loops.RULES,
    *dialect.RULES,
    *expressions.RULES,
)
