"""Import from CSV of customers, products, orders, serial numbers, stock: our own format, or any through a mapping file."""

from engine.aftersales.imports.files import BadFile, Report, run
from engine.aftersales.imports.mapping import BadMapping, Mapping, plain, read

__all__ = ["BadFile", "BadMapping", "Mapping", "Report", "plain", "read", "run"]
