"""Shipped networks in words (see `words`), written from the source that each of them claims."""

from __future__ import annotations

from collections.abc import Sequence


def vgg(*convolutions: int, after: str = "relu") -> str:
    """Simonyan and Zisserman 2014, table 1: so many convolutions per stage; section 3.1: dropout 0.5 after two fc."""
    stages = [
        " ".join([f"conv3-{filters} {after}"] * count) + " max2"
        for filters, count in zip((64, 128, 256, 512, 512), convolutions, strict=True)
    ]
    return " ".join([*stages, "flat fc4096 relu drop0.5 fc4096 relu drop0.5 out"])


def basic(filters: int) -> str:
    """He et al. 2015, figure 5 left and section 3.4: normalisation after each convolution, before the activation."""
    return f"(conv3-{filters} bn relu conv3-{filters} bn | same) relu"


def basic_half(filters: int, padding: str = "around") -> str:
    """He et al. 2015, option B: a projection where the size changes; zeros around the map as in torchvision."""
    first = {"around": f"pad1 conv3-{filters}v/2", "same": f"conv3-{filters}/2"}[padding]
    return f"({first} bn relu conv3-{filters} bn | conv1-{filters}/2 bn) relu"


def basic_stages(stem: str, counts: Sequence[int], padding: str = "around") -> str:
    """He et al. 2015, table 1: the first stage keeps the size, the others halve it by their first block."""
    blocks = [basic(64)] * counts[0]
    for filters, count in zip((128, 256, 512), counts[1:], strict=True):
        blocks += [basic_half(filters, padding), *[basic(filters)] * (count - 1)]
    return " ".join([stem, *blocks, "gap out"])


def bottleneck(filters: int, shortcut: str = "same", half: bool = False) -> str:
    """He et al. 2015, figure 5 right; the stride on the 3x3 convolution, as the file says."""
    middle = f"pad1 conv3-{filters}v/2" if half else f"conv3-{filters}"
    return f"(conv1-{filters} bn relu {middle} bn relu conv1-{4 * filters} bn | {shortcut}) relu"


def bottleneck_stages(counts: Sequence[int]) -> str:
    """He et al. 2015, table 1: every stage begins with a projection, all but the first halve the size there."""
    blocks = [STEM, bottleneck(64, "conv1-256 bn"), *[bottleneck(64)] * (counts[0] - 1)]
    for filters, count in zip((128, 256, 512), counts[1:], strict=True):
        blocks += [bottleneck(filters, f"conv1-{4 * filters}/2 bn", half=True), *[bottleneck(filters)] * (count - 1)]
    return " ".join([*blocks, "gap out"])


def option_a(filters: int) -> str:
    """He et al. 2015, section 4.2: where the size changes, every second pixel and zeros for the new maps."""
    pad = filters // 4
    shortcut = f"max1/2 permute-[3, 1, 2] zeropadding2d-[{pad}, 0] permute-[2, 3, 1]"
    return f"(conv3-{filters}/2 bn relu conv3-{filters} bn | {shortcut}) relu"


def densenet(*counts: int) -> str:
    """Huang et al. 2016, section 3 and table 1: bottlenecks of 4k maps, growth k = 32, half of the maps kept."""
    layer = "cat[same | bn relu conv1-128 bn relu conv3-32]"
    blocks, maps = ["pad3 conv7-64v/2 bn relu pad1 max3/2"], 64
    for at, count in enumerate(counts):
        maps += 32 * count
        blocks += [layer] * count
        if at < 3:
            maps //= 2
            blocks.append(f"bn relu conv1-{maps} mean2")
    return " ".join([*blocks, "bn relu gap out"])


def fire(squeeze: int, expand: int) -> str:
    """Iandola et al. 2016, section 3.1 and figure 1."""
    return f"conv1-{squeeze} relu cat[conv1-{expand} relu | conv3-{expand} relu]"


def inverted(maps: int, filters: int, depthwise: str, widen: int = 6) -> str:
    """Sandler et al. 2018, table 1: widened, a depthwise convolution, narrowed without an activation."""
    return f"conv1-{widen * maps} bn relu6 {depthwise} bn relu6 conv1-{filters} bn"


def inverted_stages(maps: int, stages: Sequence[tuple[str, str, int, int]]) -> list[str]:
    """First and other depthwise convolutions, filters and blocks of each stage; a shortcut where nothing changes."""
    blocks = []
    for first, other, filters, count in stages:
        blocks += [inverted(maps, filters, first), *[f"({inverted(filters, filters, other)} | same)"] * (count - 1)]
        maps = filters
    return blocks


def mobilenetv2() -> str:
    """Sandler et al. 2018, table 2: filters, blocks and first stride of each stage."""
    half, keep = "pad1 depthwise3v/2", "depthwise3"
    stages = [
        *((half, keep, 24, 2), (half, keep, 32, 3), (half, keep, 64, 4), (keep, keep, 96, 3)),
        *((half, keep, 160, 3), (keep, keep, 320, 1)),
    ]
    stem = "pad1 conv3-32v/2 bn relu6 depthwise3 bn relu6 conv1-16 bn"
    return " ".join([stem, *inverted_stages(16, stages), "conv1-1280 bn relu6 gap drop0.2 out"])


def efficientnet_lite0() -> str:
    """Tan and Le 2019, table 1: kernel, filters, blocks and first stride of each stage."""
    table = [(3, 24, 2, 2), (5, 40, 2, 2), (3, 80, 3, 2), (5, 112, 3, 1), (5, 192, 4, 2), (3, 320, 1, 1)]
    stages = [(f"depthwise{k}{'/2' if s == 2 else ''}", f"depthwise{k}", filters, n) for k, filters, n, s in table]
    stem = "conv3-32/2 bn relu6 depthwise3 bn relu6 conv1-16 bn"
    return " ".join([stem, *inverted_stages(16, stages), "conv1-1280 bn relu6 gap drop0.2 out"])


STEM = "pad3 conv7-64v/2 bn relu pad1 max3/2"
EXPECTED = {
    # Krizhevsky et al. 2012, section 3.5 and figure 2; 4.2: dropout in the first two dense layers
    "alexnet": (
        "zeropadding2d-[[1, 2], [1, 2]] conv11-96v/4 relu lrn max3/2 conv5-256g2 relu lrn max3/2 "
        "conv3-384 relu conv3-384g2 relu conv3-256g2 relu max3/2 flat fc4096 relu drop0.5 fc4096 relu drop0.5 out"
    ),
    "densenet121": densenet(6, 12, 24, 16),
    "densenet201": densenet(6, 12, 48, 32),
    "efficientnet-lite0": efficientnet_lite0(),
    # the author's Keras notebook: no padding anywhere
    "jakhwal-cnn": "conv3-32v relu max2 conv3-64v relu max2 conv3-128v relu max2 flat fc128 relu drop0.5 out",
    # the author's PyTorch notebook: padding 1
    "jakhwal-cnn-pytorch": "conv3-32 relu max2 conv3-64 relu max2 conv3-128 relu max2 flat fc128 relu drop0.5 out",
    "lenet5": "conv5-6v relu max2 conv5-16v relu max2 flat fc120 relu fc84 relu out",
    # LeCun et al. 1998, figure 2 and section II.B
    "lenet5-1998": (
        "conv5-6v tanh mean2 depthwise1 tanh sparse5-16v tanh mean2 depthwise1 tanh conv5-120v tanh flat fc84 tanh out"
    ),
    # Jäppinen 2024 and the author's public notebooks, both networks
    "mlp": "flat fc128 relu fc64 relu fc32 relu out",
    "mobilenetv2": mobilenetv2(),
    "petre-cnn": (
        "conv3-32 relu bn conv3-32 relu bn max2 drop0.25 conv3-64 relu bn conv3-64 relu bn max2 drop0.25 "
        "flat fc64 relu drop0.25 out"
    ),
    "resnet18": basic_stages(STEM, (2, 2, 2, 2)),
    "resnet18-32": basic_stages("conv3-64 bn relu", (2, 2, 2, 2), "same"),
    "resnet20": " ".join(
        (
            *("conv3-16 bn relu", *[basic(16)] * 3),
            *(option_a(32), *[basic(32)] * 2),
            *(option_a(64), *[basic(64)] * 2, "gap out"),
        )
    ),
    "resnet34": basic_stages(STEM, (3, 4, 6, 3)),
    "resnet50": bottleneck_stages((3, 4, 6, 3)),
    "resnet101": bottleneck_stages((3, 4, 23, 3)),
    # Iandola et al. 2016, table 1, and the authors' version 1.1
    "squeezenet1.1": " ".join(
        (
            *("conv3-64v/2 relu max3/2", fire(16, 64), fire(16, 64), "max3/2", fire(32, 128), fire(32, 128), "max3/2"),
            *(fire(48, 192), fire(48, 192), fire(64, 256), fire(64, 256), "drop0.5 conv1-$classes relu gap softmax"),
        )
    ),
    # the thesis' table 3.2, row by row: 18 layers besides the activations
    "thesis-cnn": (
        "conv3-32 relu bn conv3-32 relu max2 conv3-64 relu conv3-64 relu bn max2 "
        "conv3-128 relu conv3-128 relu bn max2 drop0.25 flat fc128 relu bn drop0.25 out"
    ),
    "vgg11": vgg(1, 1, 2, 2, 2),
    "vgg13": vgg(2, 2, 2, 2, 2),
    "vgg16": vgg(2, 2, 3, 3, 3),
    "vgg16-bn": vgg(2, 2, 3, 3, 3, after="bn relu"),
    "vgg19": vgg(2, 2, 4, 4, 4),
}
