"""Scenarios: given data and a clock, when people, timers and messages act, then states, records, money and history."""
