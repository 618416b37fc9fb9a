"""Orders with their lines and payments. The refund ledger's triggers keep on them what was refunded."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Money

ORDER_STATES = ("placed", "paid", "shipped", "received", "completed", "cancelled")


class CustomerOrder(Base):
    """An order as the shop took it. `paid_total` = paid amounts of all lines + `shipping_fee` once paid."""

    __tablename__ = "customer_order"
    __table_args__ = (
        CheckConstraint(f"state IN {ORDER_STATES}", name="state"),
        CheckConstraint(
            "paid_at IS NOT NULL OR (shipping_paid = 0 AND paid_total = 0)", name="paid_once_paid_at"
        ),
        CheckConstraint("shipping_fee >= 0 AND shipping_cost >= 0", name="shipping"),
        CheckConstraint("shipping_paid >= 0 AND shipping_paid <= shipping_fee", name="shipping_paid"),
        CheckConstraint(
            "shipping_refunded >= 0 AND shipping_refunded <= shipping_paid",
            name="shipping_refunded",
        ),
        CheckConstraint("refunded_total >= 0 AND refunded_total <= paid_total", name="refunded_total"),
        CheckConstraint("coupon_discount >= 0 AND points_discount >= 0", name="discounts"),
        CheckConstraint(
            "extra_returned >= 0 AND extra_returned <= coupon_discount + points_discount",
            name="extra_returned",
        ),
        Index("ix_customer_order_customer_id_placed_at", "customer_id", "placed_at"),
        Index("ix_customer_order_shop_id_placed_at", "shop_id", "placed_at"),
        Index("ix_customer_order_state_placed_at", "state", "placed_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    state: Mapped[str]
    placed_at: Mapped[Instant]
    paid_at: Mapped[Instant | None]
    shipped_at: Mapped[Instant | None]
    received_at: Mapped[Instant | None]
    completed_at: Mapped[Instant | None]
    cancelled_at: Mapped[Instant | None]
    #: Charged to the buyer for shipping.
    shipping_fee: Mapped[Money] = mapped_column(server_default=text("0"))
    #: What of the fee the buyer has paid: the most that can be refunded of it.
    shipping_paid: Mapped[Money] = mapped_column(server_default=text("0"))
    #: The seller bore the outbound postage.
    free_shipping: Mapped[bool] = mapped_column(server_default=text("false"))
    #: What the outbound postage cost the seller.
    shipping_cost: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Already taken off the lines' paid amounts; not money and therefore not refunded as money.
    coupon_discount: Mapped[Money] = mapped_column(server_default=text("0"))
    points_discount: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Everything the buyer paid, shipping included.
    paid_total: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Kept by the refund ledger's trigger.
    shipping_refunded: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Kept by the refund ledger's trigger.
    refunded_total: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Coupons and points given back (as such, not as money). Kept by the refund ledger's trigger.
    extra_returned: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Where it was shipped; empty means the customer's address.
    ship_to: Mapped[str] = mapped_column(server_default="")
    #: A sales contract is attached (parts sign-off asks for it).
    contract_number: Mapped[str] = mapped_column(server_default="")


class OrderLine(Base):
    """One line: goods, quantity and what was really paid for it after all discounts."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line"),
        # Target of the composite keys that tie a refund's lines to the refund's own order.
        UniqueConstraint("id", "order_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0 AND discount >= 0", name="price"),
        CheckConstraint("paid_amount >= 0 AND paid_amount <= unit_price * quantity", name="paid_amount"),
        CheckConstraint("refunded_quantity >= 0 AND refunded_quantity <= quantity", name="refunded_quantity"),
        CheckConstraint("refunded_amount >= 0 AND refunded_amount <= paid_amount", name="refunded_amount"),
        Index("ix_order_line_product_id", "product_id"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    #: Position in the order, from 1: what people and forms call the line.
    line: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    #: As sold; the product may be renamed later.
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[Money]
    #: Line discount, for the whole line.
    discount: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Paid for the whole line, after the line's discount and its share of coupons and points.
    paid_amount: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Kept by the refund ledger's trigger.
    refunded_quantity: Mapped[int] = mapped_column(server_default=text("0"))
    #: Kept by the refund ledger's trigger.
    refunded_amount: Mapped[Money] = mapped_column(server_default=text("0"))


class Payment(Base):
    """Money the buyer paid for an order; refunds go back to it."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("method ~ '^[a-z][a-z0-9_]*$'", name="method"),
        Index("ix_payment_order_id", "order_id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"))
    amount: Mapped[Money]
    #: Key such as `alipay`, `wechat_pay`, `bank_card`, `cash`.
    method: Mapped[str]
    paid_at: Mapped[Instant]
    #: False when the account was closed: a refund then fails and finance has to mend it.
    accepts_refunds: Mapped[bool] = mapped_column(server_default=text("true"))
