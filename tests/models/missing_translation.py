"""The warning for texts without a translation. It fails no test, because English is shown instead."""


class MissingTranslation(UserWarning):
    """Some texts are shown in English on pages of another language."""
