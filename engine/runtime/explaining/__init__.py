"""Why things are as they are: computed from the history by replay and from the rows that wait; nothing is written.

`gateways` and `deadlines` speak of events of the past, `waiting` of the present. What a decision table saw stands in its
event, and what keeps somebody from a step is asked of `user_tasks.obstacles`.
"""
