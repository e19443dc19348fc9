"""The texts of the stages."""

from models.core.contract.messages import Text

INPUT = Text("autoencoding.input.title", "Input as the network receives it")
INPUT_ABOUT = Text(
    "autoencoding.input.explanation",
    "{side} × {side} pixels in {channels}: {values:,} numbers between 0 (black) and 1 (white).",
)
FITTED_DARK = Text(
    "autoencoding.input.fitted_dark",
    "The model learned from single things on black. The whole upload is resized, and its sides are filled up "
    "to a square.",
)
FITTED_SQUARE = Text(
    "autoencoding.input.fitted_square", "The middle square of the upload is resized to the model's size."
)
INVERTED = Text(
    "autoencoding.input.inverted",
    "The border of the upload is bright, as in photos on white; black and white were exchanged.",
)
GRAY, COLOR = (
    Text("autoencoding.input.gray", "gray")(),
    Text("autoencoding.input.color", "three colors")(),
)
INPUT_ALT = Text("autoencoding.input.alt", "The picture at {side} by {side} pixels.")
INPUTS = Text("autoencoding.inputs.title", "Both pictures as the network receives them")

CORRUPTED = Text("autoencoding.corrupted.title", "Corrupted picture")
CORRUPTED_ABOUT = Text(
    "autoencoding.corrupted.explanation",
    "The network receives this instead of the picture: {psnr:.1f} dB. A denoising autoencoder was trained "
    "with such pairs, the corrupted picture as input and the clean one as target. The others never saw a "
    "corrupted picture.",
)

ENCODER = Text("autoencoding.encoder.title", "Encoder")
ENCODER_ABOUT = Text(
    "autoencoding.encoder.explanation",
    "Each convolution halves height and width (stride 2). Two fully connected layers reduce the last maps to "
    "the {latent} numbers of z. Everything passes through them: unlike a U-Net, this network has no skip "
    "connections.",
)
DECODER = Text("autoencoding.decoder.title", "Decoder")
DECODER_ABOUT = Text(
    "autoencoding.decoder.explanation",
    "Fully connected layers turn z into small maps. Each transposed convolution doubles height and width: it "
    "stamps its kernel into the output, weighted by each input value, and adds up where stamps overlap. A "
    "last 3 × 3 convolution smooths the overlaps; a sigmoid brings the values between 0 and 1.",
)
LEVEL = Text("autoencoding.level", "{side} × {side}")

CODE = Text("autoencoding.code.title", "z, {latent} numbers for {values:,} pixels")
CODE_ABOUT = Text(
    "autoencoding.code.explanation",
    "All that the decoder knows of the picture. It runs in this page: move a number of z, or the point in "
    "the plane, and the picture follows. The points are held-out pictures.",
)
CODE_POINT = Text(
    "autoencoding.code.point",
    "The encoder gives one point, without any constraint: between the points the decoder was never trained, "
    "and z has no fixed scale.",
)
CODE_DISTRIBUTION = Text(
    "autoencoding.code.distribution",
    "The encoder gives a distribution for each dimension, with a mean and a deviation; the mean is decoded "
    "here. In the training z was drawn from it anew each time, so that neighboring z had to mean similar "
    "pictures. Dimensions with a KL divergence near 0 are inactive: moving them changes nothing.",
)
CODE_WALK = Text(
    "autoencoding.code.walk",
    "The walk goes in a straight line from the z of one picture to that of the other.",
)
FIRST, SECOND = (
    Text("autoencoding.walk.first", "first picture")(),
    Text("autoencoding.walk.second", "second picture")(),
)

ANSWER = Text("autoencoding.answer.title", "Reconstruction")
ANSWER_ABOUT = Text(
    "autoencoding.answer.explanation",
    "‖x − x̂‖ is {distance:.2f}, which is {psnr:.1f} dB. PCA, the best linear code of the same size, reaches "
    "{pca:.1f} dB. The error maps show |x − x̂|: white is {white} or more.",
)
ANSWER_CORRUPTED = Text(
    "autoencoding.answer.corrupted",
    "The corrupted picture had {before:.1f} dB; this one is compared with the clean picture.",
)
ORIGINAL = Text("autoencoding.pictures.original", "Picture")
RECEIVED = Text("autoencoding.pictures.received", "Corrupted")
RECONSTRUCTION = Text("autoencoding.pictures.reconstruction", "Reconstruction, {psnr:.1f} dB")
BY_PCA = Text("autoencoding.pictures.pca", "PCA of {size}, {psnr:.1f} dB")
ERROR = Text("autoencoding.pictures.error", "Error")
ERROR_PCA = Text("autoencoding.pictures.error_pca", "Error of PCA")
ORIGINAL_ALT = Text("autoencoding.pictures.original_alt", "The picture before it was reduced to z.")
RECEIVED_ALT = Text("autoencoding.pictures.received_alt", "The corrupted picture that the network received.")
RECONSTRUCTION_ALT = Text("autoencoding.pictures.reconstruction_alt", "The picture decoded from z.")
BY_PCA_ALT = Text("autoencoding.pictures.pca_alt", "The picture rebuilt from {size} principal components.")
ERROR_ALT = Text(
    "autoencoding.pictures.error_alt",
    "The absolute error of each pixel, on average {mean:.3f}, at most {most:.2f}.",
)

WALK = Text("autoencoding.walk.title", "Walk between two pictures")
WALK_ABOUT = Text(
    "autoencoding.walk.explanation",
    "{count} equal steps between the z of both pictures, decoded. Steps between pixels would fade one "
    "picture into the other; steps in z can pass through plausible pictures.",
)
SAMPLES = Text("autoencoding.samples.title", "Pictures of random z")
SAMPLES_ABOUT = Text(
    "autoencoding.samples.explanation",
    "{count} z were drawn at random and decoded. From N(0, I) only a variational autoencoder draws well: its "
    "KL term keeps the codes of all pictures close to that prior. For the others, the mixture of Gaussians, "
    "fitted to the codes of training pictures, shows where codes lie.",
)
STEP = Text("autoencoding.walk.step", "{share:.0%}")

POSTERIOR = Text("autoencoding.posterior.title", "Prior and posterior")
POSTERIOR_ABOUT = Text(
    "autoencoding.posterior.explanation",
    "The aggregated posterior, the mean of q(z|x) over {count} held-out pictures, for the {shown} most "
    "active dimensions, and the prior N(0, 1). Where they differ, z drawn from the prior lies where the "
    "decoder has seen few pictures.",
)
CODES = Text("autoencoding.posterior.codes_title", "Where the codes lie")
CODES_ABOUT = Text(
    "autoencoding.posterior.codes_explanation",
    "The distribution of z over {count} held-out pictures, for the {shown} dimensions that vary most. "
    "Nothing in the loss of this model keeps z near N(0, 1), which is drawn for comparison.",
)
PRIOR = Text("autoencoding.posterior.prior", "N(0, 1)")
Z_AXIS, DENSITY = (
    Text("autoencoding.posterior.z", "z")(),
    Text("autoencoding.posterior.density", "density")(),
)

KL = Text("autoencoding.kl.title", "KL divergence of each dimension")
KL_ABOUT = Text(
    "autoencoding.kl.explanation",
    "How many nats each dimension of z carries: KL(q(z|x) ‖ N(0, 1)), mean over held-out pictures, in all "
    "{total:.1f}. The loss weighs it with β = {beta:g}. {inactive} of {latent} dimensions have less than "
    "{limit} nat: they are inactive, equal for every picture, because what they would save in the "
    "reconstruction costs more in KL.",
)
DIMENSION, MEAN, DEVIATION, HELD_OUT_KL, OWN_KL, STATE = (
    Text("autoencoding.kl.dimension", "dimension")(),
    Text("autoencoding.kl.mean", "mean, this picture")(),
    Text("autoencoding.kl.deviation", "deviation, this picture")(),
    Text("autoencoding.kl.held_out", "KL, held-out pictures")(),
    Text("autoencoding.kl.own", "KL, this picture")(),
    Text("autoencoding.kl.state", "state")(),
)
ACTIVE, INACTIVE = (
    Text("autoencoding.kl.active", "active")(),
    Text("autoencoding.kl.inactive", "inactive")(),
)

HISTORY = Text("autoencoding.history.title", "What the training learned, step by step")
HISTORY_ABOUT = Text(
    "autoencoding.history.explanation",
    "The same held-out pictures, rebuilt after more and more steps of the training: first the mean of all "
    "pictures, then their kinds, then their details.",
)
ROWS = {  # of the sheets of a training, by the names that its history has
    "picture": Text("autoencoding.history.picture", "picture"),
    "corrupted": Text("autoencoding.history.corrupted", "corrupted"),
    "reconstruction": Text("autoencoding.history.reconstruction", "reconstruction"),
    "random z": Text("autoencoding.history.random", "random z"),
}
HELD_OUT = Text("autoencoding.held_out", "held-out pictures")
