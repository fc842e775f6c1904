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


def inception(one: int, reduce3: int, three: int, reduce5: int, five: int, pool: int) -> str:
    """Szegedy et al. 2014, figure 2b, the columns of table 1."""
    paths = (
        f"conv1-{one} relu",
        f"conv1-{reduce3} relu conv3-{three} relu",
        f"conv1-{reduce5} relu conv5-{five} relu",
        f"max3s/1 conv1-{pool} relu",
    )
    return f"cat[{' | '.join(paths)}]"


def googlenet() -> str:
    """Szegedy et al. 2014, table 1, row by row."""
    stem = "pad3 conv7-64v/2 relu max3s/2 lrn conv1-64 relu conv3-192 relu lrn max3s/2"
    return " ".join(
        (
            *(stem, inception(64, 96, 128, 16, 32, 32), inception(128, 128, 192, 32, 96, 64), "max3s/2"),
            *(inception(192, 96, 208, 16, 48, 64), inception(160, 112, 224, 24, 64, 64)),
            *(inception(128, 128, 256, 24, 64, 64), inception(112, 144, 288, 32, 64, 64)),
            *(inception(256, 160, 320, 32, 128, 128), "max3s/2", inception(256, 160, 320, 32, 128, 128)),
            *(inception(384, 192, 384, 48, 128, 128), "gap drop0.4 out"),
        )
    )


def joined(*paths: Sequence[str]) -> str:
    """Paths side by side of convolutions, each with normalisation and activation."""
    return f"cat[{' | '.join(normalised(*path) for path in paths)}]"


def normalised(*convolutions: str) -> str:
    return " ".join(f"{word} bn relu" if word.startswith("conv") else word for word in convolutions)


def inceptionv3() -> str:
    """Szegedy et al. 2015, table 1 and figures 5 to 7, with the widths that are published with the weights."""
    mean, apart = "pad1 mean3/1", joined(["conv1x3-384"], ["conv3x1-384"])
    fives = [
        joined(["conv1-64"], ["conv1-48", "conv5-64"], ["conv1-64", *["conv3-96"] * 2], [mean, f"conv1-{pool}"])
        for pool in (32, 64, 64)
    ]
    sevens = [
        joined(
            ["conv1-192"],
            [f"conv1-{n}", f"conv1x7-{n}", "conv7x1-192"],
            [f"conv1-{n}", f"conv7x1-{n}", f"conv1x7-{n}", f"conv7x1-{n}", "conv1x7-192"],
            [mean, "conv1-192"],
        )
        for n in (128, 160, 160, 192)
    ]
    wide = joined(["conv1-320"], ["conv1-384", apart], ["conv1-448", "conv3-384", apart], [mean, "conv1-192"])
    return " ".join(
        (
            normalised("conv3-32v/2", "conv3-32v", "conv3-64", "max3/2", "conv1-80", "conv3-192v", "max3/2"),
            *(*fives, joined(["conv3-384v/2"], ["conv1-64", "conv3-96", "conv3-96v/2"], ["max3/2"]), *sevens),
            joined(
                ["conv1-192", "conv3-320v/2"], ["conv1-192", "conv1x7-192", "conv7x1-192", "conv3-192v/2"], ["max3/2"]
            ),
            *(wide, wide, "gap drop0.5 out"),
        )
    )


def xception() -> str:
    """Chollet 2016, figure 5: normalisation after every convolution, no activation inside a separable one."""

    def flow(*filters: int) -> str:
        return " ".join(f"relu separable3-{n} bn" for n in filters)

    def half(first: int, filters: int) -> str:
        return f"({flow(first, filters)} max3s/2 | conv1-{filters}/2 bn)"

    return " ".join(
        (
            "conv3-32v/2 bn relu conv3-64v bn relu",
            half(128, 128).replace("(relu ", "("),
            *(half(256, 256), half(728, 728), *[f"({flow(728, 728, 728)} | same)"] * 8, half(728, 1024)),
            "separable3-1536 bn relu separable3-2048 bn relu gap out",
        )
    )


def shufflenet() -> str:
    """Zhang et al. 2017, figure 2 b and c and table 1; the first grouped convolution is not grouped (3.2)."""

    def unit(filters: int, groups: str, step: str) -> str:
        return f"conv1-{filters}{groups} bn relu channelshuffle-4 depthwise3{step} bn conv1-{filters}g4 bn"

    blocks = ["conv3-24/2 bn relu max3s/2"]
    for new, groups, filters, count in ((112, "", 136, 3), (136, "g4", 272, 7), (272, "g4", 544, 3)):
        blocks.append(f"cat[mean3s/2 | {unit(new, groups, '/2')}] relu")
        blocks += [f"({unit(filters, 'g4', '')} | same) relu"] * count
    return " ".join([*blocks, "gap out"])


def resnet8() -> str:
    """Banbury et al. 2021, the reference model: shortcuts without normalisation."""
    halves = [f"(conv3-{n}/2 bn relu conv3-{n} bn | conv1-{n}/2) relu" for n in (32, 64)]
    return " ".join(["conv3-16 bn relu", basic(16), *halves, "gap out"])


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
    "googlenet": googlenet(),
    "inceptionv3": inceptionv3(),
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
    # Lin et al. 2013, section 4.2: three stages, dropout after the first two, and the authors' sizes
    "network-in-network": (
        "conv5-192 relu conv1-160 relu conv1-96 relu max3s/2 drop0.5 conv5-192 relu conv1-192 relu conv1-192 relu "
        "mean3s/2 drop0.5 conv3-192 relu conv1-192 relu conv1-$classes relu gap softmax"
    ),
    "nasnetlarge": "application-NASNetLarge out",
    "nasnetmobile": "application-NASNetMobile out",
    "petre-cnn": (
        "conv3-32 relu bn conv3-32 relu bn max2 drop0.25 conv3-64 relu bn conv3-64 relu bn max2 drop0.25 "
        "flat fc64 relu drop0.25 out"
    ),
    "resnet8": resnet8(),
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
    "shufflenet": shufflenet(),
    # Iandola et al. 2016, table 1, and the authors' version 1.1
    "squeezenet1.0": " ".join(
        (
            *("conv7-96v/2 relu max3/2", fire(16, 64), fire(16, 64), fire(32, 128), "max3/2", fire(32, 128)),
            *(fire(48, 192), fire(48, 192), fire(64, 256), "max3/2", fire(64, 256)),
            "drop0.5 conv1-$classes relu gap softmax",
        )
    ),
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
    "xception": xception(),
    "vgg11": vgg(1, 1, 2, 2, 2),
    "vgg13": vgg(2, 2, 2, 2, 2),
    "vgg16": vgg(2, 2, 3, 3, 3),
    "vgg16-bn": vgg(2, 2, 3, 3, 3, after="bn relu"),
    "vgg19": vgg(2, 2, 4, 4, 4),
}
