"""The titles and explanations of the stages."""

from models.core.contract.messages import Text

INPUT_TITLE = Text("denoising.input.title", "Input")
INPUT = Text(
    "denoising.input.explanation",
    "The network receives the image as numbers from 0 to 1 and, as a fourth value for every pixel, the noise "
    "level. It rearranges blocks of two by two pixels into channels, which halves width and height and loses "
    "nothing. Shown is the detail with the most contrast, starting at column {left} and row {top}; the "
    "feature maps further down belong to it.",
)
NOISE_TITLE = Text("denoising.noise.title", "Noise added")
NOISE = Text(
    "denoising.noise.explanation",
    "Noise was added first, to show both halves of denoising: a random number for every pixel and color, "
    "drawn from a normal distribution whose standard deviation is the noise level. The same seed adds the "
    "same noise. Because the clean image is known, the error can be measured. The network sees only the noisy"
    " image.",
)
NOISE_NUMBERS = Text(
    "denoising.noise.numbers", "The level is {level:g} of 255, and the noisy image has a PSNR of {psnr}."
)
LEVEL_TITLE = Text("denoising.level.title", "Noise level")
LEVEL = Text(
    "denoising.level.explanation",
    "How strong is the noise? A small network looks at 26 by 26 pixels around every place and estimates its "
    "standard deviation; brighter means higher, and white is {white:.0f} of 255. In flat regions there is "
    "nothing but noise to see; in grass or hair noise and detail look alike, and estimates are often wrong. "
    "Each estimate comes with a confidence, by which the mean is weighted: {estimated:.1f}.",
)
LEVEL_GIVEN = Text("denoising.level.given", "You set the level to {level:g}, so that value is used instead.")
LEVEL_ADDED = Text(
    "denoising.level.added", "Of this, noise of level {level:g} was added; the rest was in the upload."
)
FEATURES_TITLE = Text("denoising.features.title", "Encoder")
FEATURES = Text(
    "denoising.features.explanation",
    "The encoder halves the map twice more. Each time a cell covers a larger part of the image and has more "
    "channels. A cell of the bottleneck covers the most, so that it can distinguish a long edge from noise, "
    "which has no direction. The decoder enlarges the maps again. Skip connections add the finer maps of the "
    "encoder on the way and preserve the exact position of edges, so not everything passes through the "
    "bottleneck.",
)
REMOVED_TITLE = Text("denoising.removed.title", "Noise removed")
REMOVED = Text(
    "denoising.removed.explanation",
    "The difference between input and output, amplified {factor} times: gray means no change, brighter means "
    "that the pixel became darker, and the reverse. Ideally only grain is visible here. Where edges or "
    "texture of the image appear, detail was mistaken for noise and is lost.",
)
SPREAD_TITLE = Text("denoising.spread.title", "Is it noise?")
SPREAD = Text(
    "denoising.spread.explanation",
    "The distribution of the removed values, beside the normal distribution with the noise level that the "
    "network used. Where the curves agree, the removed part behaves like noise. A narrower curve means that "
    "noise remains, or that very bright and dark pixels were clipped; wide tails mean that edges were "
    "removed, too.",
)
ERROR_TITLE = Text("denoising.error.title", "Error")
ERROR = Text(
    "denoising.error.explanation",
    "Because the noise was added here, the clean image is known. Left: the error of the noisy image; right: "
    "the error that remains, both amplified {factor} times. It remains along edges and in fine texture, where"
    " noise and detail look alike and the network chose a compromise.",
)
ANSWER_TITLE = Text("denoising.answer.title", "Denoised")
ANSWER = Text(
    "denoising.answer.explanation",
    "The image without the predicted noise. Smooth surfaces come out best; texture as faint as the noise is "
    "lost, because the two cannot be distinguished. The network invents no detail: trained on nearly the "
    "absolute error, it gives about the median of all clean values that fit the noisy ones.",
)
ANSWER_NUMBERS = Text(
    "denoising.answer.numbers",
    "PSNR: {before} before, {after} after. Higher is better; 6 dB more mean half the error.",
)
DETAIL = Text(
    "denoising.view.detail",
    "The image is large, so a detail of {width} × {height} pixels is shown at full size, from column {left} "
    "and row {top}.",
)
DECIBELS = Text("denoising.unit.decibels", "{value:.1f} dB")
INFINITE = Text("denoising.unit.infinite", "infinity")

# labels within the stages' data
UPLOAD_LABEL = Text("denoising.label.upload", "Upload")
CLEAN_LABEL = Text("denoising.label.clean", "Clean")
NOISY_LABEL = Text("denoising.label.noisy", "Noisy")
DENOISED_LABEL = Text("denoising.label.denoised", "Denoised")
INPUT_ALT = Text(
    "denoising.label.input", "{width} by {height} pixels of the image, as the network receives them"
)
UPLOAD_ALT = Text("denoising.label.the_upload", "The upload")
NOISY_ALT = Text("denoising.label.with_noise", "With noise of level {level:g}")
DENOISED_ALT = Text("denoising.label.without_noise", "Without the predicted noise")
LEVEL_ALT = Text("denoising.label.level", "Brighter: a higher estimate of the noise level")
REMOVED_ALT = Text("denoising.label.removed_noise", "The noise that was removed")
ERROR_ALT = Text("denoising.label.error", "{name}: brighter pixels have a larger error")
ENCODER_LABEL = Text("denoising.label.encoder", "encoder, 1/{stride}")
BOTTLENECK_LABEL = Text("denoising.label.bottleneck", "bottleneck, 1/{stride}")
REMOVED_VALUE = Text("denoising.label.removed_value", "removed value")
SHARE = Text("denoising.label.share", "share of values")
REMOVED_LABEL = Text("denoising.label.removed", "removed")
NORMAL_LABEL = Text("denoising.label.normal", "normal distribution of level {level:.1f}")
