"""The sample company: customers, goods, orders, and cases at every step, so that each page shows something real."""
