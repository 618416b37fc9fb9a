"""The proof on real orders: a real shop's export through import and procedures, and its ledger against a plain sum."""
