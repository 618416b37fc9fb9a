"""Retention: what was kept long enough is archived as a sealed file and removed with a receipt; what is held stays."""
