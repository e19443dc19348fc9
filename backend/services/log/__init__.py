"""The log of decisions: who got which answer of which model. Entries are chained by their hashes."""
