"""The sheet of real photos that `glassbox sheet` draws."""

from models.core.recipe.photo_sheet import PhotoSheet, coco_photos

SHEET = PhotoSheet(coco_photos)
