"""mIoU after 20 and 100 pictures with masks, from the COCO detector's backbone and from nothing.

    python -m models.detection.recipe.own_pictures --fetch --raw raw --out data/own.zip
    python -m models.segmentation.recipe.learning_curve --dataset data/own.zip --nanodet nanodet-g.safetensors

How it is measured: `models.core.recipe.learning_curve`.
"""

from models.core.recipe import learning_curve
from models.segmentation.card import START_COCO, START_SCRATCH, TrainParams
from models.segmentation.train import train

COUNTS = (20, 100)
STARTS = tuple(
    TrainParams.model_validate({"start": start, "image_size": 192}) for start in (START_COCO, START_SCRATCH)
)

if __name__ == "__main__":
    learning_curve.main(train, STARTS, "miou", COUNTS, __doc__)
