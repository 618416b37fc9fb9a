"""Conformance: third-party models with what has to happen, run on the real engine and scored."""
