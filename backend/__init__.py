"""HTTP, records, storage and the sending side of the queue. Never loads torch."""
