"""The migrations, applied when the API starts (`backend.migrations.upgrade`)."""
