"""Files of customers, products, orders and stock."""

COMMANDS = ()
