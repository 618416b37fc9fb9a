"""What administrators do to running work: hold it, send it another way, mend it, hand it over; one or many at once.

`suspensions` holds cases and versions, `rerouting` skips steps and starts others, `mending` corrects values where a case
is stuck, `handover` gives a leaver's steps to others; `actions` names what can be done to many, `bulk` does it on the queue.
"""
