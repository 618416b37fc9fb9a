"""Import of customers, products, orders and stock from CSV: our own format, or any other through a mapping file."""

from engine.aftersales.imports.files import BadFile, Report, run
from engine.aftersales.imports.mapping import BadMapping, Mapping, plain, read

__all__ = ["BadFile", "BadMapping", "Mapping", "Report", "plain", "read", "run"]
