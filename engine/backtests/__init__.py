"""Back-tests: finished cases taken once more through a draft or any version, by their recorded inputs alone.

Nothing is touched: the past is read from the history, the other way is taken in memory, no handler runs. What a step is
asked for the first time has no answer, and none is made up: the case is reported as needing one there.
"""
