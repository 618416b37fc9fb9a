"""Tiny examples of every construct."""
