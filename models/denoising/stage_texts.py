"""What the stages of a denoising tell somebody who sees them for the first time."""

INPUT = (
    "The network gets the picture as numbers from 0 to 1 and, as a fourth value at every pixel, the noise "
    "level. It works on blocks of two by two pixels, laid side by side as channels: half the width and "
    "height, and nothing is lost. This is the detail with the most contrast; the feature maps further "
    "down show what becomes of it."
)
ADDED = (
    "To see both halves of denoising, noise was added first: to every pixel and color a random number, "
    "mostly small, rarely large, from a normal distribution whose standard deviation is the level. The "
    "generator is seeded, so the same seed adds the same noise. Now the truth is known, and the answer "
    "can be measured against it; the network sees only the right picture."
)
LEVEL = (
    "How strong is the noise? A small network looks at 26 by 26 pixels around every place and guesses. "
    "Brighter means a higher guess. In flat regions noise is all there is to see; in grass or hair it "
    "cannot be told from detail, and guesses go astray. Each guess also says how sure it is, and the "
    "level of the picture is their mean, weighted by that."
)
FEATURES = (
    "The encoder halves the picture twice more; each time a cell sees more of the picture and holds more "
    "values. The bottleneck is where it sees the furthest: edges that go on for long stand out from "
    "noise, which goes nowhere. The decoder goes back up, and the finer maps are added on the way, so "
    "that the exact place of an edge is not lost."
)
REMOVED = (
    "What the network took away, amplified so that it can be seen: gray means nothing, brighter that the "
    "picture was made darker, darker the other way. Good denoising leaves only grain here. Where you can "
    "make out edges or texture of the picture, detail was mistaken for noise and is lost."
)
SPREAD = (
    "How often each value was taken away, beside the bell curve of noise with the level that the network "
    "used. Where the two agree, what was removed behaves as noise should. A narrower curve means that "
    "noise stayed, or that bright and dark pixels were clipped; wide tails mean that edges went with it."
)
ERROR = (
    "Since the noise was added here, the truth is known. Left: how far each pixel of the noisy picture "
    "was off; right: how far the answer still is, both amplified alike. What remains lies along edges and "
    "in fine texture: there the network had to choose between noise and detail, and chose an average."
)
ANSWER = (
    "The picture without the noise that was found. Smooth surfaces come out best; fine texture that was "
    "as faint as the noise is gone, because nothing could tell the two apart. The network does not invent "
    "detail: of all pictures that could lie under the noise, it gives about their average."
)
