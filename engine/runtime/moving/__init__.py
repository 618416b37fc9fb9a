"""Moving running instances to another version of their procedure, and back until they go on.

`comparison` says what two versions have otherwise, `check` what of that keeps an instance where it is, `plan` that for
many at once, changing nothing; `apply` moves one instance, `undo` moves it back, `runs` does so with many on the queue.
"""
