"""Personal data of one customer: all that is held, to be handed over; and erased on request, with a receipt."""
