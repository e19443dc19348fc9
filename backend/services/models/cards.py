"""Model cards: Markdown, of which the section on the model's origin cannot be edited."""

HEADING = "\n## Provenance\n"


def written(title: str, description: str, text: str) -> str:
    """The card of a model that has just been trained. `text` ends with its provenance."""
    parts = [f"# {title}", *([description] if description else []), text.strip()]
    return "\n\n".join(part for part in parts if part) + "\n"


def split(card: str) -> tuple[str, str]:
    """What users may edit, and the provenance: the last section of that name.

    A card without one was written before there were such sections: all of it is provenance.
    """
    place = card.rfind(HEADING)
    if place < 0:
        return "", card.strip()
    return card[:place].strip(), card[place + len(HEADING) :].strip()


def edited(card: str, text: str) -> str:
    """The card with another text above its provenance. `text` may end with the provenance as it is."""
    _, provenance = split(card)
    ending = f"{HEADING}\n{provenance}".strip()
    text = text.strip().removesuffix(ending).strip()
    return f"{text}\n\n{ending}\n"
