"""mAP50 after 10 to 300 labeled pictures, from the COCO detector and from nothing, in the same time.

    python -m models.detection.recipe.own_pictures --fetch --raw raw --out data/own.zip
    python -m models.detection.recipe.learning_curve --dataset data/own.zip --nanodet nanodet-g.safetensors

How it is measured: `models.core.recipe.learning_curve`.
"""

from models.core.recipe import learning_curve
from models.detection.card import START_COCO, START_SCRATCH, TrainParams
from models.detection.train import train

COUNTS = (10, 30, 100, 300)
STARTS = tuple(
    TrainParams.model_validate({"start": start, "image_size": 256}) for start in (START_COCO, START_SCRATCH)
)

if __name__ == "__main__":
    learning_curve.main(train, STARTS, "map50", COUNTS, __doc__)
