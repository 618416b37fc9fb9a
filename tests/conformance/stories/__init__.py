"""What the engine has to run, each construct in the smallest diagram that shows it."""

from tests.conformance.stories import calling, catching, gateways, repeating, starting, undoing, unusual

STORIES = [
    story
    for room in (catching, undoing, repeating, calling, starting, gateways, unusual)
    for story in room.STORIES
]
