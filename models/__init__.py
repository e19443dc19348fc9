"""Machine learning and nothing else: every folder except `core` is one capability."""
