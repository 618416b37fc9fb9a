"""Cases: one number for a customer's matter in every channel, whatever procedure runs it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id, Instant, Money


class AftersalesCase(Base):
    """A case. `state` is the business state the diagram sets; open or closed follows from `closed_at`."""

    __tablename__ = "aftersales_case"
    __table_args__ = (
        CheckConstraint("closed_at IS NULL OR outcome IS NOT NULL", name="outcome_once_closed"),
        CheckConstraint("outcome IN ('completed', 'cancelled')", name="outcome"),
        CheckConstraint("state ~ '^[a-z][a-z0-9_]*$'", name="state"),
        CheckConstraint("amount_asked >= 0 AND amount_approved >= 0 AND deducted >= 0", name="amounts"),
        CheckConstraint(
            "compensated >= 0 AND (amount_approved IS NULL OR compensated <= amount_approved)",
            name="compensated_within_approved",
        ),
        CheckConstraint("about_case_id <> id", name="not_about_itself"),
        Index("ix_aftersales_case_applied_at_id", "applied_at", "id"),
        Index("ix_aftersales_case_process_key_applied_at", "process_key", "applied_at"),
        Index("ix_aftersales_case_state_applied_at", "state", "applied_at"),
        Index("ix_aftersales_case_shop_id_applied_at", "shop_id", "applied_at"),
        Index("ix_aftersales_case_customer_id_applied_at", "customer_id", "applied_at"),
        Index("ix_aftersales_case_channel_applied_at", "channel", "applied_at"),
        Index("ix_aftersales_case_urgency_applied_at", "urgency", "applied_at"),
        Index("ix_aftersales_case_category_applied_at", "category", "applied_at"),
        Index("ix_aftersales_case_opened_by_applied_at", "opened_by", "applied_at"),
        Index("ix_aftersales_case_cause_department", "cause", "department"),
        Index("ix_aftersales_case_order_id", "order_id"),
        Index("ix_aftersales_case_serial_number_id", "serial_number_id"),
        Index("ix_aftersales_case_product_id", "product_id"),
        Index("ix_aftersales_case_about_case_id", "about_case_id"),
        Index("ix_aftersales_case_process_instance_id", "process_instance_id"),
        Index("ix_aftersales_case_awaited_by_job_id", "awaited_by_job_id"),
        # The amount people speak of: approved, before that asked for.
        Index(
            "ix_aftersales_case_amount",
            text("COALESCE(amount_approved, amount_asked, NULLIF(refunded, 0))"),
            "id",
        ),
        Index("ix_aftersales_case_closed_at_id", "closed_at", "id"),
        Index("ix_aftersales_case_open_due", "due_at", postgresql_where=text("closed_at IS NULL")),
        # What is kept until its time is over, the longest kept first.
        Index(
            "ix_aftersales_case_kept",
            "closed_at",
            "id",
            postgresql_where=text("closed_at IS NOT NULL AND receipt IS NULL"),
        ),
        Index("ix_aftersales_case_receipt", "receipt", postgresql_where=text("receipt IS NOT NULL")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    #: Process key of the procedure that runs it.
    process_key: Mapped[str]
    #: Root process instance; None only while the case is being opened.
    process_instance_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("process_instance.id"))
    #: The version its root instance runs on, or ended on.
    definition_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("process_definition.id"))
    #: Business state set by the diagram (`pending_review`, `awaiting_return` ...); labels are translations.
    state: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("customer_order.id"))
    serial_number_id: Mapped[int | None] = mapped_column(ForeignKey("serial_number.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    #: How it reached us: `phone`, `online_chat`, `wechat`, `website`, `email`, `store`, `hotline` ...
    channel: Mapped[str] = mapped_column(server_default="")
    urgency: Mapped[str] = mapped_column(server_default="")
    category: Mapped[str] = mapped_column(server_default="")
    #: Reason key of a refund, return or exchange.
    reason: Mapped[str] = mapped_column(server_default="")
    #: The customer's description of the problem.
    summary: Mapped[str] = mapped_column(server_default="")
    amount_asked: Mapped[Money | None]
    amount_approved: Mapped[Money | None]
    deducted: Mapped[Money | None]
    #: Paid back through the refund ledger, kept by its trigger.
    refunded: Mapped[Money] = mapped_column(server_default=text("0"))
    #: Paid as compensation, kept by the compensation table's trigger.
    compensated: Mapped[Money] = mapped_column(server_default=text("0"))
    applied_at: Mapped[Instant]
    #: First review decided.
    reviewed_at: Mapped[Instant | None]
    #: Somebody completed a step of it, or it was settled without anybody; known at the next change of its state at the
    #: latest (`engine.aftersales.cases.first_answer` knows before).
    first_answered_at: Mapped[Instant | None]
    #: First in a state that counts as proposed to, as solved (config/insights.toml).
    proposed_at: Mapped[Instant | None]
    solved_at: Mapped[Instant | None]
    #: When the order it concerns was placed.
    ordered_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    outcome: Mapped[str | None]
    due_at: Mapped[Instant | None]
    cause: Mapped[str] = mapped_column(server_default="")
    #: Responsible department.
    department: Mapped[str] = mapped_column(server_default="")
    improvement: Mapped[str] = mapped_column(server_default="")
    return_contact: Mapped[str] = mapped_column(server_default="")
    return_address: Mapped[str] = mapped_column(server_default="")
    #: Person key, or `system` for a case another case started.
    opened_by: Mapped[str]
    #: The case a complaint or revisit is about.
    about_case_id: Mapped[int | None] = mapped_column(ForeignKey("aftersales_case.id"))
    #: Job of another case that awaits this one's end.
    awaited_by_job_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("job.id"))
    #: The same application registered twice opens one case.
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    #: The receipt with which its records were archived and removed; this line stays for the accounts that refer to it.
    receipt: Mapped[int | None] = mapped_column(ForeignKey("receipt.number"))


class CaseLine(Base):
    """An order line the case is about."""

    __tablename__ = "case_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_case_line_order_line_id", "order_line_id"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"), primary_key=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    quantity: Mapped[int]
    amount_asked: Mapped[Money | None]


class CaseLink(Base):
    """Two cases that belong together: one started the other, or is about it."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("from_case_id", "to_case_id", "kind"),
        CheckConstraint("from_case_id <> to_case_id", name="two_cases"),
        CheckConstraint("kind ~ '^[a-z][a-z0-9_]*$'", name="kind"),
        Index("ix_case_link_to_case_id", "to_case_id"),
    )

    id: Mapped[Id]
    from_case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    to_case_id: Mapped[int] = mapped_column(ForeignKey("aftersales_case.id"))
    #: `started` (from started to), `about`, `same_goods`, `related`.
    kind: Mapped[str]
    created_at: Mapped[Instant]
    created_by: Mapped[str]
