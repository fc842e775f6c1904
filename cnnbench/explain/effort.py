"""How often a model is asked about an image: less often about a large one, each answer about which takes longer."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SIDE = 96  # pixels of images up to which they are small ones


@dataclass(frozen=True)
class Effort:
    """How exactly maps are made and judged.

    `gradient_steps` are those of integrated gradients at most, `apart` how far apart the patches of an occlusion are,
    in patches, `pixel_steps` those that pixels go and come in, `random_maps` how many a map is held against.
    """

    gradient_steps: int
    apart: float
    pixel_steps: int
    random_maps: int

    def as_dict(self) -> dict[str, float]:
        """Return plain values."""
        return asdict(self)


FULL = Effort(gradient_steps=512, apart=1 / 2, pixel_steps=32, random_maps=3)
# Gradients of EfficientNet-Lite0 on 224 x 224 pixels take a tenth of a second each, so that 512 steps, of it and of its
# shuffled weights, took minutes. The values of 32 steps are those of 256 up to a factor (correlation 0.999), the sum
# misses a tenth or a quarter of what it should be: gradients of so deep a network jump from step to step.
OF_LARGE = Effort(gradient_steps=32, apart=2 / 3, pixel_steps=16, random_maps=2)


def effort(shape: tuple[int, ...], thorough: bool = False) -> Effort:
    """Return how often to ask about images (H, W, C): of any size as of small ones where it is to be `thorough`."""
    return FULL if thorough or shape[0] * shape[1] <= SIDE**2 else OF_LARGE
