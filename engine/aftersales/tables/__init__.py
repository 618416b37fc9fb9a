"""Every table of the after-sales business. Importing this registers them on `Base`."""

import engine.store.tables  # noqa: F401 - process_instance, which cases refer to, must be registered first
from engine.aftersales.tables.attachment import Attachment
from engine.aftersales.tables.call import CallLog
from engine.aftersales.tables.case import AftersalesCase, CaseLine, CaseLink
from engine.aftersales.tables.charge import Charge
from engine.aftersales.tables.compensation import Compensation
from engine.aftersales.tables.customer import Customer
from engine.aftersales.tables.follower import CaseFollower
from engine.aftersales.tables.message import CustomerMessage
from engine.aftersales.tables.note import Note
from engine.aftersales.tables.numbers import SEQUENCES
from engine.aftersales.tables.order import CustomerOrder, OrderLine, Payment
from engine.aftersales.tables.parcel import Carrier, Parcel, ParcelLine, Pickup
from engine.aftersales.tables.preference import ListPreference, SavedFilter
from engine.aftersales.tables.product import PriceListItem, Product
from engine.aftersales.tables.purchase import Purchase, PurchaseLine
from engine.aftersales.tables.rating import Rating, Revisit
from engine.aftersales.tables.refund import Refund, RefundLine
from engine.aftersales.tables.repair import GoodsReceipt, RepairVisit
from engine.aftersales.tables.retention import LegalHold, RetentionRun
from engine.aftersales.tables.return_reason import ReturnReason
from engine.aftersales.tables.serial_number import SerialNumber
from engine.aftersales.tables.shop import Shop
from engine.aftersales.tables.staff_notice import StaffNotice, StaffNoticeRead
from engine.aftersales.tables.stock import (
    StockLevel,
    StockMovement,
    StockReservation,
    StockReservationLine,
    Warehouse,
)
from engine.aftersales.tables.write_off import WriteOff

__all__ = [
    "SEQUENCES",
    "AftersalesCase",
    "Attachment",
    "CallLog",
    "Carrier",
    "CaseFollower",
    "CaseLine",
    "CaseLink",
    "Charge",
    "Compensation",
    "Customer",
    "CustomerMessage",
    "CustomerOrder",
    "GoodsReceipt",
    "LegalHold",
    "ListPreference",
    "Note",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Payment",
    "Pickup",
    "PriceListItem",
    "Product",
    "Purchase",
    "PurchaseLine",
    "Rating",
    "Refund",
    "RefundLine",
    "RepairVisit",
    "RetentionRun",
    "ReturnReason",
    "Revisit",
    "SavedFilter",
    "SerialNumber",
    "Shop",
    "StaffNotice",
    "StaffNoticeRead",
    "StockLevel",
    "StockMovement",
    "StockReservation",
    "StockReservationLine",
    "Warehouse",
    "WriteOff",
]
