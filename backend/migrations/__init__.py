"""The tables' history, applied when the API starts (`backend.migrations.upgrade`)."""
