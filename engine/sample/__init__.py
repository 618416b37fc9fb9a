"""The sample company: customers, goods, orders, and cases at every step of every procedure, so that each page shows something."""
